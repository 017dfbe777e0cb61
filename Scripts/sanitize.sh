#!/usr/bin/env bash
# Runs the tests of codec, gateway, store and sources under the address sanitizer and the thread sanitizer.
#   Scripts/sanitize.sh [address|thread]     both without a name; each builds into a folder of its own
set -euo pipefail
cd "$(dirname "$0")/.."
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(address thread)
modules='TelemetryCodecTests|FrameTextTests|FrameCryptographyTests|TelemetryGatewayTests|TelemetryStoreTests'
modules="$modules|TelemetrySourcesTests|FleetSimulatorTests"
export ASAN_OPTIONS=detect_leaks=0 # It needs ptrace, which containers often forbid.
export TSAN_OPTIONS="suppressions=$PWD/Scripts/sanitize-thread.txt"
for kind in "${kinds[@]}"; do
  printf '== %s sanitizer\n' "$kind"
  scratch="$PWD/.build-sanitize-$kind"
  mkdir -p "$scratch"
  # Swift 6.3.1 aborts ("Invalid bitcast") when it puts the thread sanitizer into NumericalMethods, which
  # has no threads: that module goes without.
  cat >"$scratch/swiftc" <<SH
#!/usr/bin/env bash
case " \$* " in *" -module-name NumericalMethods "*)
  arguments=()
  for argument in "\$@"; do [ "\$argument" = -sanitize=thread ] || arguments+=("\$argument"); done
  exec "$(command -v swiftc)" "\${arguments[@]}" ;;
esac
exec "$(command -v swiftc)" "\$@"
SH
  chmod +x "$scratch/swiftc"
  SWIFT_EXEC="$scratch/swiftc" swift test --sanitize="$kind" --scratch-path "$scratch" --filter "$modules"
done
