/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_VM_NAME_H
#define IOMMUTOP_VM_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define VM_NAME_MAX 128

/*
 * The name of a virtual machine from the bytes of cmdline (arguments end with NUL; what does not
 * was cut) and the text of cgroup; false if there is none. Options count only where the program is
 * called so: QEMU's -name (with or without guest=), crosvm's --name, firecracker's --id, and what
 * the control socket of cloud-hypervisor and crosvm is called; else the scope that libvirt puts it
 * in. The bytes of the name are anybody's, without a NUL; cut to fit. Pure.
 */
bool vm_name_read(const char *cmdline, size_t size, const char *cgroup, char *name,
                  size_t name_size);

#endif
