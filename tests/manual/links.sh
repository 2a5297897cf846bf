#!/usr/bin/env bash
# The documentation leads nowhere that is not there: files, headings, subcommands and options that it names.
source "$(dirname "$0")/../common.sh"
cd "$source_dir"
mapfile -t pages < <(ls README.md docs/*.md docs/catalogue/*.md shims/*.md shims/*/*.md 2>/dev/null)
((${#pages[@]} > 20)) || fail "hardly any page: ${pages[*]}"

# A heading as the address of a link has it: small letters, '-' for spaces, nothing else but letters, digits, '-' and '_'.
headings() { sed -n '/^```/,/^```/!s/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'; }
links=0
for page in "${pages[@]}"; do
  while read -r link; do
    ((++links))
    file=${link%%#*} heading=
    [[ $link != *'#'* ]] || heading=${link#*#}
    path=$page
    [[ -z $file ]] || path=$(dirname "$page")/$file
    [[ -e $path ]] || fail "$page leads to $link, which is not there"
    [[ -z $heading ]] || headings "$path" | grep -qx -e "$heading" || fail "$page leads to the heading $link, which is not there"
  done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//; s/ .*//' | grep -vE '^(https?|mailto):' || true)
done
((links > 50)) || fail "hardly any link: $links"
for page in docs/*.md; do grep -qF "$page" README.md || fail "README.md does not lead to $page"; done

# Options that stand behind vgpu-run or vgpuctl in a page, up to "--".
"$vgpu_run" --help | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u >"$scratch/options"
subcommands=" $("$build/bin/vgpuctl" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' | tr '\n' ' ') "
for sub in $subcommands; do
  "$build/bin/vgpuctl" "$sub" --help
  for verb in $("$build/bin/vgpuctl" "$sub" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'); do "$build/bin/vgpuctl" "$sub" "$verb" --help; done
done | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u >"$scratch/ctl_options"
# What a page shows as code: `...` and indented lines, a piece a line.
code() { { sed -n '/^    /s/^ *//p' "$1"; grep -v '^    ' "$1" | grep -oE '`[^`]+`' | tr -d '`'; } | sed 's/ *#.*//; s/ -- .*//; s/ --$//'; }
for page in README.md docs/*.md; do
  code "$page" >"$scratch/code"
  while read -r sub; do
    [[ $subcommands == *" $sub "* ]] || fail "$page: there is no vgpuctl $sub"
  done < <(grep -oE '(^|[&|] *)vgpuctl [a-z]+' "$scratch/code" | sed 's/.*vgpuctl //' | sort -u)
  for program in vgpu-run vgpuctl; do
    known=$scratch/options
    [[ $program == vgpu-run ]] || known=$scratch/ctl_options
    while read -r option; do
      grep -qx -e "$option" "$known" || fail "$page: $program has no $option"
    done < <(grep -oE "^$program [^|&]*" "$scratch/code" | grep -oE -- '(^| )--[a-z][a-z0-9-]*' | tr -d ' ' | sort -u)
  done
done
