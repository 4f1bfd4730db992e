#!/bin/sh
# A worker of a Forkyard pool, in POSIX shell: one call at a time with PollTask, CompleteTask and FailTask.
# It needs sed and one of grpcurl and buf. See README.md, and docs/worker-protocol.md for what it keeps to.
set -u
: "${FORKYARD_ADDRESS:?is set by the daemon, which starts workers}"
: "${FORKYARD_WORKER_TOKEN:?is set by the daemon, which starts workers}"
socket=${FORKYARD_ADDRESS#unix:}

# rpc METHOD < REQUEST: prints the response. The request goes through standard input, as arguments can be seen by others.
if command -v grpcurl >/dev/null; then
  rpc() { grpcurl -plaintext -unix -d @ "$socket" "forkyard.v1.WorkerService/$1"; }
elif command -v buf >/dev/null; then
  rpc() {
    buf curl --protocol grpc --http2-prior-knowledge --unix-socket "$socket" -d @- \
      "http://localhost/forkyard.v1.WorkerService/$1"
  }
else
  echo "worker.sh: neither grpcurl nor buf is in PATH" >&2
  exit 1
fi

# field NAME < RESPONSE: prints the text of the last field of this name, a pattern; nothing when there is none. Tools write
# call_id or callId.
field() {
  tr '\n' ' ' | sed -nE 's/.*"'"$1"'": *"(([^"\\]|\\.)*)".*/\1/p' | unescape
}

# Takes one level of JSON escapes off. White space between values may be anything.
unescape() {
  mark=$(printf '\001')
  sed -E "s/\\\\\\\\/$mark/g; s/\\\\[nrt]/ /g; s/\\\\([\"\\/])/\\1/g; s/$mark/\\\\/g"
}

# only_text ARGUMENTS: prints the only argument when it is a text without escapes; fails otherwise.
only_text() {
  text=$(printf '%s' "$1" | sed -nE 's/^ *\[ *"([^"\\]*)" *\] *$/:\1/p')
  [ -n "$text" ] && printf '%s' "${text#:}"
}

complete() { # CALL_ID VALUE, which is JSON
  printf '{"token": "%s", "call_id": "%s", "result": {"value": %s}}' "$FORKYARD_WORKER_TOKEN" "$1" "$2" |
    rpc CompleteTask >/dev/null || exit 1
}

fail() { # CALL_ID KIND MESSAGE, a text without escapes
  printf '{"token": "%s", "call_id": "%s", "failure": {"kind": "%s", "type": "ShellError", "message": "%s", "language": "sh"}}' \
    "$FORKYARD_WORKER_TOKEN" "$1" "FAILURE_KIND_$2" "$3" | rpc FailTask >/dev/null || exit 1
  if [ "${FORKYARD_WORKER_MODE:-}" = process ]; then
    printf '%s\n' "$3" >&2
    exit 1
  fi
}

run() { # CALL_ID FUNCTION ARGUMENTS
  case $2 in
    upper)
      if text=$(only_text "$3"); then
        complete "$1" "\"$(printf '%s' "$text" | tr '[:lower:]' '[:upper:]')\""
      else
        fail "$1" DECODE_ERROR "upper takes one text without escapes"
      fi
      ;;
    pause)
      seconds=$(printf '%s' "$3" | sed -nE 's/^ *\[ *([0-9]+) *\] *$/\1/p')
      if [ -n "$seconds" ]; then
        sleep "$seconds"
        complete "$1" null
      else
        fail "$1" DECODE_ERROR "pause takes one whole number of seconds"
      fi
      ;;
    fail)
      fail "$1" TASK_ERROR "$(only_text "$3" || echo "no reason given")"
      ;;
    *)
      fail "$1" DECODE_ERROR "this worker has no such function; it has upper, pause and fail"
      ;;
  esac
}

while :; do
  response=$(printf '{"token": "%s"}' "$FORKYARD_WORKER_TOKEN" | rpc PollTask) || exit 1
  call_id=$(printf '%s' "$response" | field 'call_?[iI]d')
  if [ -n "$call_id" ]; then
    run "$call_id" "$(printf '%s' "$response" | field name)" "$(printf '%s' "$response" | field json)"
  elif printf '%s' "$response" | grep -q '"drain"'; then
    exit 0
  fi
done
