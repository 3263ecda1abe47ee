#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every script for the guest, or those that are named, one after the other, each with its name before
# its tests. On arm64 those that stand on the IOMMU: the emulation is slow, and has no virtual machine
# to run in it. What the boot left in the trace buffer is looked at first, the others fill it.
set -uo pipefail
failed=0
scripts='boot selftest program probes counts screen attribution guest faults verdicts viability binding losses isolation fleet doctor tracedat'
if [ "$IOMMU" = smmuv3 ]; then
	scripts='selftest probes counts attribution faults'
fi
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $scripts
for script; do
	SECONDS=0
	bash "tests/vm/$script.sh" 2>&1 | sed -uE "s/^((not )?ok) [0-9]+ - /\1 - $KERNEL $IOMMU $script: /; /^1\.\./d"
	[ "${PIPESTATUS[0]}" = 0 ] || failed=1
	printf '# %s %s %s: %d s\n' "$KERNEL" "$IOMMU" "$script" "$SECONDS"
done
exit $failed
