#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every script for the guest, one after the other, each with its name before its tests. On arm64
# those that stand on the IOMMU: the emulation is slow, and has no virtual machine to run in it.
set -uo pipefail
failed=0
scripts='selftest program probes counts screen attribution passthrough'
if [ "$IOMMU" = smmuv3 ]; then
	scripts='selftest probes counts attribution'
fi
for script in $scripts; do
	bash "tests/vm/$script.sh" 2>&1 | sed -E "s/^((not )?ok) [0-9]+ - /\1 - $KERNEL $IOMMU $script: /; /^1\.\./d"
	[ "${PIPESTATUS[0]}" = 0 ] || failed=1
done
exit $failed
