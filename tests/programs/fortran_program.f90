! fortran_program - a Fortran program: formatted and unformatted files, arrays, floating
! point, the wall clock left alone.
program fortran_program
  implicit none
  integer, parameter :: n = 120
  real(8) :: a(n, n), b(n, n), c(n, n), total
  integer :: i, j, value, status
  do j = 1, n
    do i = 1, n
      a(i, j) = sin(real(i * j, 8))
      b(i, j) = cos(real(i + j, 8))
    end do
  end do
  c = matmul(a, b)
  print '(a, es22.14)', 'sum ', sum(c)
  open (10, file='numbers.txt', action='write')
  do i = 1, 500
    write (10, '(i6, f12.6)') i, sqrt(real(i, 8))
  end do
  close (10)
  total = 0
  open (10, file='numbers.txt', action='read')
  do
    read (10, '(i6)', iostat=status) value
    if (status /= 0) exit
    total = total + value
  end do
  close (10)
  print '(a, f10.1)', 'total ', total
  if (abs(total - 125250) > 0.5) stop 1
  open (11, file='raw.bin', form='unformatted')
  write (11) a(:, 1)
  rewind (11)
  read (11) b(:, 2)
  close (11)
  if (any(a(:, 1) /= b(:, 2))) stop 1
  stop 5
end program fortran_program
