# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts that ask the doctor, behind lib.sh.

# examine STATUS: its report is in /tmp/doctor, and it ended so. as: by which user; extra: options.
examine() {
	local status=0 run=

	[ "${as:-}" != nobody ] || run='setpriv --reuid=65534 --regid=65534 --clear-groups'
	# shellcheck disable=SC2086
	$run "$IOMMUTOP" --doctor ${extra:-} >/tmp/doctor || status=$?
	cat /tmp/doctor
	echo "exit status $status"
	[ "$status" = "$1" ]
}

# says TONE PATTERN: a line of this tone begins so.
says() {
	local tone=$1

	[ "$tone" != plain ] || tone=
	grep -q "^$(printf '%-8s' "$tone") $2" /tmp/doctor
}

groups() {
	ls /sys/kernel/iommu_groups | wc -l
}
