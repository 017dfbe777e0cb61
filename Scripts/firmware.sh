#!/usr/bin/env bash
# The onboard core on three machines: builds it for a Cortex-M7 and for WebAssembly, runs the same
# closed loop under QEMU, in wasmkit, in Chromium and here, and compares the digests of all decisions.
# Says what it cannot do and leaves it out where a tool is missing.
set -euo pipefail
cd "$(dirname "$0")/../Firmware"
flash_limit=$((96 * 1024))
stack_limit=$((16 * 1024))
scratch="${FIRMWARE_SCRATCH:-$PWD/.build}"
cycles=10000
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
say() { printf 'firmware: %s\n' "$*"; }
fail() { printf 'firmware: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
digest() { sed -n "s/^$2 digest: //p" "$1"; }

# The package manager plans the nested package anew only when its own files change: a file that came
# or went in the core would be missed, so a change of that list drops the plans (not what is compiled).
find ../Sources/Onboard ../Tests/ClosedLoop Sources -name '*.swift' | LC_ALL=C sort >"$out/files"
if ! cmp -s "$out/files" "$scratch/files"; then
  mkdir -p "$scratch"
  find "$scratch" -maxdepth 2 \( -name '*.yaml' -o -name 'plugin-tools*' -o -name 'workspace-state.json' \) -delete
  cp "$out/files" "$scratch/files"
fi

# This machine. SwiftPM takes the bare Cortex-M7 for Linux too, so libm is named here, not there.
for product in Firmware FirmwareDouble; do
  swift build -c release --scratch-path "$scratch/host" --product "$product" -Xlinker -lm \
    >"$out/build" 2>&1 || { cat "$out/build"; fail "the build for this machine failed"; }
done
"$scratch/host/release/Firmware" >"$out/host"
"$scratch/host/release/FirmwareDouble" >>"$out/host"
float=$(digest "$out/host" float)
double=$(digest "$out/host" double)
[ -n "$float" ] && [ -n "$double" ] || fail "no digests from this machine"
say "$(uname -m): float $float, double $double, $cycles cycles"
compare() {
  [ "$2" = "$float" ] || fail "$1 decides otherwise in single precision: $2, here $float"
  [ "$3" = "$double" ] || fail "$1 decides otherwise in double precision: $3, here $double"
  say "$1: bit-identical, float $2, double $3"
}

# Cortex-M7.
if has qemu-system-arm && has arm-none-eabi-gcc; then
  cpu="-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16"
  libraries=()
  for name in libm.a libc.a libgcc.a; do
    # shellcheck disable=SC2086
    libraries+=(-Xlinker "$(arm-none-eabi-gcc $cpu -print-file-name=$name)")
  done
  for product in Firmware FirmwareDouble; do
    swift build -c release --scratch-path "$scratch/arm" --product "$product" \
      --triple armv7em-none-none-eabi --toolset arm.json "${libraries[@]}" >"$out/build" 2>&1 ||
      { cat "$out/build"; fail "the build for the Cortex-M7 failed"; }
    image="$scratch/arm/armv7em-none-none-eabi/release/$product"
    read -r text data bss _ < <(arm-none-eabi-size "$image" | tail -1)
    flash=$((text + data))
    say "$product: $flash bytes of flash, $((data + bss)) bytes of static memory"
    if [ "$product" = Firmware ] && [ "$flash" -gt "$flash_limit" ]; then
      fail "$product takes $flash bytes of flash; the limit is $flash_limit"
    fi
    # An attempt to allocate ends the run with an error (startup.c).
    timeout 300 qemu-system-arm -M mps2-an500 -icount shift=0 -display none -monitor none \
      -serial none -chardev stdio,id=console -semihosting-config \
      enable=on,target=native,chardev=console -kernel "$image" </dev/null >"$out/$product" ||
      { cat "$out/$product"; fail "$product did not run to its end under QEMU"; }
    sed "s/^/firmware:   /" "$out/$product"
    # The paint of the stack above what the loop, plant and digest included, never reached.
    stack=$(sed -n 's/^bytes of stack: //p' "$out/$product")
    if [ "$product" = Firmware ] && [ "${stack:-999999}" -gt "$stack_limit" ]; then
      fail "$product takes ${stack:-an unknown number of} bytes of stack; the limit is $stack_limit"
    fi
  done
  compare "Cortex-M7 (QEMU)" "$(digest "$out/Firmware" float)" \
    "$(digest "$out/FirmwareDouble" double)"
else
  say "skipped the Cortex-M7: qemu-system-arm or arm-none-eabi-gcc is missing (Scripts/setup.sh test)"
fi

# WebAssembly.
if has wasmkit && [ -f /usr/lib/wasm32-wasi/libc.a ]; then
  swift build -c release --scratch-path "$scratch/wasm" --product Web \
    --triple wasm32-unknown-none-wasm --toolset wasm.json >"$out/build" 2>&1 ||
    { cat "$out/build"; fail "the build for WebAssembly failed"; }
  module=$(find "$scratch/wasm/wasm32-unknown-none-wasm/release" -maxdepth 1 -name 'Web*.wasm' | head -1)
  call() {
    local value
    value=$(timeout 300 wasmkit run "$module" "$1" "i32:$cycles" | sed -n 's/.*(\([0-9]*\)).*/\1/p')
    printf '0x%x' "$value"
  }
  say "WebAssembly module: $(wc -c <"$module") bytes"
  compare "WebAssembly (wasmkit)" "$(call float_digest)" "$(call double_digest)"
  if has chromium; then
    {
      printf '<!doctype html><body><script>const code = Uint8Array.from(atob("'
      base64 -w0 <"$module"
      printf '"), c => c.charCodeAt(0));WebAssembly.instantiate(code, {}).then(({instance}) => {'
      printf 'const hex = f => "0x" + (instance.exports[f](%d) >>> 0).toString(16);' "$cycles"
      printf 'document.body.innerText = "digests " + hex("float_digest") + " " + hex("double_digest");'
      printf '}).catch(e => { document.body.innerText = "failed: " + e; });</script>'
    } >"$out/page.html"
    timeout 120 chromium --headless=new --no-sandbox --disable-gpu --virtual-time-budget=60000 \
      --dump-dom "file://$out/page.html" >"$out/dom" 2>/dev/null || true
    read -r web_float web_double < <(sed -n 's/.*digests \(0x[0-9a-f]*\) \(0x[0-9a-f]*\).*/\1 \2/p' "$out/dom") ||
      { cat "$out/dom"; fail "the page in Chromium gave no digests"; }
    compare "WebAssembly (Chromium)" "$web_float" "$web_double"
  else
    say "skipped the browser: chromium is missing (Scripts/setup.sh test)"
  fi
else
  say "skipped WebAssembly: wasmkit or wasi-libc is missing (Scripts/setup.sh test)"
fi
