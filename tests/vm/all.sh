#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every script for the guest, or those that are named, one after the other, each with its name before
# its tests.
set -uo pipefail
failed=0
[ $# -gt 0 ] || set -- selftest program probes counts screen attribution guest
for script; do
	SECONDS=0
	bash "tests/vm/$script.sh" 2>&1 | sed -uE "s/^((not )?ok) [0-9]+ - /\1 - $KERNEL $IOMMU $script: /; /^1\.\./d"
	[ "${PIPESTATUS[0]}" = 0 ] || failed=1
	printf '# %s %s %s: %d s\n' "$KERNEL" "$IOMMU" "$script" "$SECONDS"
done
exit $failed
