#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the doctor says of one boot; tests/vm/doctor_boots boots so.
#
#	IOMMUTOP_VM_CMDLINE=iommu=pt tests/vm/run 6.12 vtd tests/vm/doctor_boot.sh passthrough
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=doctor_lib.sh
. tests/vm/doctor_lib.sh

none() {
	examine 4
	says bad 'There is no IOMMU: the firmware describes none'
	as=nobody examine 4
	says bad 'There is no IOMMU: the firmware describes none'
}

off() {
	examine 4
	says bad 'The IOMMU is off. The firmware describes one (Intel VT-d), but intel_iommu=off'
}

passthrough() {
	examine 0
	says good 'The IOMMU is on: 1 unit'
	says plain 'Passthrough is the default, as asked by iommu=pt'
	says plain "Default domains of the groups: $(groups) passthrough"
	lockdown
}

# There is no way back from it, so it is told in a machine of its own.
lockdown() {
	local file=/sys/kernel/security/lockdown

	mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
	examine 0
	says plain 'The kernel is not locked down'
	echo integrity >$file
	examine 0
	says plain 'The kernel is locked down (integrity)'
	says good 'Tracing works'
	echo confidentiality >$file
	examine 3
	says warning 'The kernel is locked down (confidentiality)'
	says warning 'Tracing does not work: boot without lockdown=confidentiality'
}

lazy() {
	examine 3
	says warning 'iommu.strict=0 asks for lazy unmaps, but all groups are strict: the kernel saw that it runs in a virtual machine'
}

no_remapping() {
	examine 3
	says warning 'Interrupts are not remapped, as asked on the command line'
	says warning 'module_blacklist=vfio_platform keeps'
}

wrong() {
	examine 3
	says warning 'intel_immou=on has no effect: this kernel does not know it'
	says warning 'pcie_acs_override=downstream has no effect: this kernel lacks the patch'
	says warning 'intel_iommu=yes: the kernel does not know this value'
	says warning 'amd_iommu=on has no effect: it is for AMD'
	says warning 'iommu=on: there is no value "on"'
	says warning 'iommu.strict=maybe has no effect: the kernel could not read its value'
	says warning 'iommu.passthru=1 has no effect'
	[ "$(grep -c '^warning' /tmp/doctor)" = 7 ]
	says good 'The IOMMU is on: 1 unit'
}

check "boot: $1" "$1"
plan_done
