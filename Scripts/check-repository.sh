#!/usr/bin/env bash
# Rules that keep the repository usable for everyone: no large files, no build products, no
# machine paths, no dead links in the documents, valid shell scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
failures=0
complain() { printf 'check-repository: %s\n' "$*" >&2; failures=$((failures + 1)); }

while IFS= read -r file; do
  [ -f "$file" ] || continue
  size=$(wc -c <"$file")
  [ "$size" -le 1000000 ] || complain "$file has $size bytes; the limit is 1000000"
done < <(git ls-files)

if git ls-files | grep -E '(^|/)(\.build/|Package\.resolved$|\.tools/)'; then
  complain "build products are tracked; remove them with git rm --cached"
fi

if git grep -nIE '(^|[^.[:alnum:]_/-])/(work|farm|home|Users)/[a-z]' -- . ':!Scripts/check-repository.sh'; then
  complain "paths of one machine are in the repository"
fi

for script in Scripts/*.sh .ci/run; do
  bash -n "$script" || complain "$script is not valid shell"
  [ -x "$script" ] || complain "$script is not executable; run chmod +x $script"
done

while IFS= read -r document; do
  folder=$(dirname "$document")
  while IFS= read -r link; do
    target="${link%%#*}"
    [ -z "$target" ] || [ -e "$folder/$target" ] || complain "$document links to $link, which is absent"
  done < <(grep -oE '\]\([^)[:space:]]+\)' "$document" | sed -E 's/^\]\(//; s/\)$//' |
    grep -vE '^(https?:|mailto:|doc:|#)' || true)
done < <(git ls-files '*.md' | grep -v '\.docc/')

[ "$failures" -eq 0 ] || exit 1
echo "repository: sizes, paths, scripts and links are in order"
