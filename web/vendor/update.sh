#!/bin/sh
# Fetches the newest published files; licences stay as they are: web/vendor/update.sh
set -eu
cd "$(dirname "$0")"

update() { # a package, then the files of it that the page uses
  package=$1
  shift
  fetched=$(mktemp -d)
  npm pack --silent --pack-destination "$fetched" "$package" >/dev/null
  tar -xzf "$fetched"/*.tgz -C "$fetched"
  for file in "$@"; do cp "$fetched/package/$file" "$package/"; done
  rm -r "$fetched"
}

update thumbhash thumbhash.js thumbhash.d.ts
update photoswipe dist/photoswipe.esm.min.js dist/photoswipe.css
update oauth4webapi build/index.js build/index.d.ts
