# Lets the services of the account outlive its logins. Behind installer.sh and linger.sh, whose exit codes it has.

main() {
  enable_linger
  echo 'Done.'
}
main </dev/null
