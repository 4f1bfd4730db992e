#!/bin/sh
# Checks the protos with buf from npm: lint and format.
# Usage: check-protos.sh BUF_VERSION REQUIRED(true|false)
set -eu
cd "$(dirname "$0")"
version=$1
required=$2

if ! command -v npm >/dev/null 2>&1; then
  echo "forkyard: npm is not installed, so the protos were NOT checked with buf"
  [ "$required" != true ] || { echo "forkyard: buf is required here (buf.required=true)" >&2; exit 1; }
  exit 0
fi

tools=target/tools
buf=$tools/node_modules/.bin/buf
if [ "$("$buf" --version 2>/dev/null)" != "$version" ]; then
  mkdir -p "$tools"
  npm install --silent --no-audit --no-fund --no-package-lock --prefix "$tools" "@bufbuild/buf@$version" ||
    { echo "forkyard: npm could not install buf $version, so the protos were NOT checked"
      [ "$required" != true ] || exit 1
      exit 0; }
fi
"$buf" lint
"$buf" format --diff --exit-code src/main/proto
echo "forkyard: buf $version finds the protos in order"
