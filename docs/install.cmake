# Man pages and shell completions. "replay" is rr-like under another name.
include(GNUInstallDirs)
file(GLOB pages ${CMAKE_CURRENT_LIST_DIR}/man/*.1)
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/man/rr-like-replay.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME replay.1)

set(completions ${CMAKE_CURRENT_LIST_DIR}/completions)
install(FILES ${completions}/rr-like.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME rr-like)
install(FILES ${completions}/rr-like.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME replay)
install(FILES ${completions}/_rr-like DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/rr-like.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
