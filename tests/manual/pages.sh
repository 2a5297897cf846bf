#!/usr/bin/env bash
# Every option of --help is in the manual page, and no formatter has anything to say about a page.
source "$(dirname "$0")/../common.sh"
for tool in man groff mandoc; do command -v "$tool" >/dev/null || skip "no $tool"; done
pages=$build/share/man

# words FILE: the words of a formatted page that begin with "--", sorted.
options_of_page() { MANWIDTH=200 man --no-hyphenation --no-justification -E ascii -l "$1" 2>/dev/null | col -bx | grep -oE '(^|[ ,])--[a-z][a-z0-9-]*' | tr -d ' ,' | sort -u; }
options_of_help() { "$@" --help | grep -oE '^ +(-[a-zA-Z], ?)?--[a-z][a-z0-9-]*' | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u; }

# same PAGE PROGRAM...: the page has all options of the program's help.
same() {
  local page=$pages/man1/$1.1
  shift
  [[ -e $page ]] || fail "no page $page for $*"
  options_of_help "$@" >"$scratch/help"
  [[ -s $scratch/help ]] || fail "no option in the help of $*"
  options_of_page "$page" >"$scratch/page"
  comm -23 "$scratch/help" "$scratch/page" >"$scratch/missing"
  [[ ! -s $scratch/missing ]] || fail "$page lacks $(tr '\n' ' ' <"$scratch/missing")"
}
subcommands_of() { "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }

same vgpu-run "$build/bin/vgpu-run"
same vgpu-probe "$build/bin/vgpu-probe"
same vgpuctl "$build/bin/vgpuctl"
wanted="vgpu-probe.1 vgpu-run.1 vgpuctl.1"
for sub in $(subcommands_of "$build/bin/vgpuctl"); do
  same "vgpuctl-$sub" "$build/bin/vgpuctl" "$sub"
  wanted+=" vgpuctl-$sub.1"
  for verb in $(subcommands_of "$build/bin/vgpuctl" "$sub"); do same "vgpuctl-$sub" "$build/bin/vgpuctl" "$sub" "$verb"; done
done
diff <(printf '%s\n' $wanted | sort) <(cd "$pages/man1" && printf '%s\n' * | sort) || fail "a page without a subcommand"

# The variables that say the same as the options.
for variable in $("$build/bin/vgpu-run" --help | grep -oE 'VGPU_RUN_[A-Z0-9_]+' | sort -u); do
  contains "$pages/man1/vgpu-run.1" "$variable"
done
# The manifest's keys, from the schema.
MANWIDTH=200 man -l "$pages/man5/vgpu-run-manifest.5" 2>/dev/null | col -bx >"$scratch/manifest"
for key in link_directories fallbacks library_path environment children; do contains "$scratch/manifest" "$key"; done

# Three formatters, which see different mistakes.
while read -r page; do
  mandoc -T lint -W style "$page" >"$scratch/said" 2>&1 || true
  groff -ww -man -Tutf8 -z "$page" >>"$scratch/said" 2>&1
  man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>>"$scratch/said" >/dev/null
  [[ ! -s $scratch/said ]] || fail "$page: $(cat "$scratch/said")"
done < <(find "$pages" -type f)
