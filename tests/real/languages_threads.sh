# Programs with threads in the languages that have their own ways with them: threads/*.

# Sets build: a directory for what the test compiles, which goes at its end.
build_directory()
{
    scratch
    build=$work
}

# compiled COMMAND... : compiles; a compiler that is there must be able to.
compiled()
{
    "$@" >"$build/log" 2>&1 || fail "cannot compile: $*: $(cat "$build/log")"
}

go_program() # FILE OPTIONS... : builds it without network or the user's caches
{
    need go golang-go
    build_directory
    cp "$here/threads/$1" "$build/main.go"
    printf 'module real\ngo 1.18\n' >"$build/go.mod"
    cd "$build" || exit 1
    GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GOCACHE=$build/cache GOPATH=$build/path \
        compiled go build -o prog "${@:2}" .
    chmod -R u+w "$build"
    rm -rf "$build/cache" "$build/path"
}

real_threads_go()
{
    go_program go_mix.go
    rr --copy --timeout 100 "$build/prog"
}

# More garbage than the collector likes, on more processors than there are.
real_threads_go_pressure()
{
    go_program go_mix.go
    rr --timeout 200 -- env GOGC=5 GOMAXPROCS=8 "$build/prog"
}

real_threads_rust()
{
    need rustc rustc
    build_directory
    compiled rustc --edition 2021 -O -o "$build/prog" "$here/threads/rust_mix.rs"
    rr --copy "$build/prog"
}

real_threads_cxx20()
{
    need g++ g++
    build_directory
    compiled g++ -std=c++20 -O2 -pthread -o "$build/prog" "$here/threads/cxx_mix.cc"
    rr --copy "$build/prog"
}

real_threads_c11()
{
    need gcc gcc
    build_directory
    compiled gcc -O2 -pthread -o "$build/prog" "$here/threads/c11_mix.c"
    rr --copy "$build/prog"
}

real_threads_openmp()
{
    need gcc gcc
    build_directory
    compiled gcc -O2 -fopenmp -o "$build/prog" "$here/threads/omp_mix.c"
    rr --copy "$build/prog"
}

# The other run-time library: its threads spin before they sleep.
real_threads_openmp_clang()
{
    need clang clang
    build_directory
    clang -O2 -fopenmp -o "$build/prog" "$here/threads/omp_mix.c" 2>/dev/null ||
        skip "clang cannot build for OpenMP (Debian package libomp-dev)"
    rr --copy "$build/prog"
}

real_threads_sqlite()
{
    need gcc gcc
    [ -e /usr/include/sqlite3.h ] || skip "sqlite3.h is not installed (Debian package libsqlite3-dev)"
    build_directory
    compiled gcc -O2 -pthread -o "$build/prog" "$here/threads/sqlite_mix.c" -lsqlite3
    rr --copy --any-files "$build/prog"
}

real_threads_node_mix()
{
    need node nodejs
    rr --timeout 100 --setup "cp '$here/threads/node_mix.js' x.js" -- node x.js
}

java_mix() # OPTIONS... of the virtual machine
{
    need java default-jre-headless
    need javac default-jdk-headless
    build_directory
    compiled javac -d "$build" "$here/threads/Mix.java"
    rr --makes-code --timeout 300 --any-files --setup "cp '$build'/*.class ." -- java -Xmx64m "$@" -cp . Mix
}

real_threads_java_mix()
{
    java_mix
}

real_threads_java_interpreted()
{
    java_mix -Xint
}

real_threads_java_g1()
{
    java_mix -XX:+UseG1GC
}

real_threads_java_parallel()
{
    java_mix -XX:+UseParallelGC
}
