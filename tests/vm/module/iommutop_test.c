// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel module for the virtual machines of these tests alone: calls into the IOMMU core that no
 * driver makes there, above all those that fail.
 *
 *	echo COMMAND >/sys/kernel/debug/iommutop_test; cat /sys/kernel/debug/iommutop_test
 *
 * The second gives what the kernel's function returned. All is done on one domain of type
 * unmanaged, which exists from insmod to rmmod.
 *
 *	misaligned	a map that is refused before anything is done: -EINVAL, no tracepoint
 *	beyond		a map past what the domain can address, refused by the driver: -EFAULT,
 *			and up to 7.0 an unmap of no bytes behind it
 *	undone		a map of 2 MiB and 4 KiB of which only the first part is possible: the
 *			driver refuses, and the kernel takes back the first part
 *	map		one map of 64 KiB
 *	unmap		one unmap of the first 16 KiB of it
 *	unmap_rest	one unmap of its last 48 KiB
 *	attach		an attach of 0000:00:03.0 that the driver refuses: -EINVAL, in 6.1 -EFAULT.
 *			The domain has a page by then (4 KiB) past what the unit can address
 *	fault		report_iommu_fault() for 0000:00:03.0: a write to 0x1234000
 *	fault_logged	the same, and behind it the line with which the driver of AMD's units logs
 *			such a fault, as it does not run here
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/* Nothing is ever attached to the domain, so no device can reach what is mapped here. */
#define PADDR       SZ_512M
#define IOVA        SZ_256M
#define FAR_IOVA    (1ULL << 48) /* the units of these machines have 39 bits */
#define PROTECTION  (IOMMU_READ | IOMMU_WRITE)
#define ANSWER_SIZE 16

static struct iommu_domain *domain;
static struct dentry *file;
static long result;

static long map(unsigned long iova, phys_addr_t paddr, size_t size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return iommu_map(domain, iova, paddr, size, PROTECTION, GFP_KERNEL);
#else
	return iommu_map(domain, iova, paddr, size, PROTECTION);
#endif
}

/* The first address that the domain cannot have. */
static u64 end_of_domain(void)
{
	return domain->geometry.aperture_end + 1;
}

static long misaligned(void)
{
	return map(IOVA + 0x200, PADDR, SZ_4K);
}

static long beyond(void)
{
	return map(end_of_domain(), PADDR, SZ_4K);
}

/* Two sizes of pages make two calls of the driver, of which the second fails. */
static long undone(void)
{
	domain->pgsize_bitmap |= SZ_2M;
	return map(end_of_domain() - SZ_2M, PADDR, SZ_2M + SZ_4K);
}

static long map_whole(void)
{
	return map(IOVA, PADDR, SZ_64K);
}

static long unmap_part(void)
{
	return iommu_unmap(domain, IOVA, SZ_16K);
}

static long unmap_rest(void)
{
	return iommu_unmap(domain, IOVA + SZ_16K, SZ_64K - SZ_16K);
}

/* 0000:00:03.0, QEMU's edu, has no driver and a group of its own. */
static struct pci_dev *test_device(void)
{
	return pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(3, 0));
}

static long attach(void)
{
	struct pci_dev *pdev = test_device();
	long ret;

	if (!pdev)
		return -ENODEV;
	ret = map(FAR_IOVA, PADDR, SZ_4K);
	if (!ret) {
		ret = iommu_attach_device(domain, &pdev->dev);
		if (!ret)
			iommu_detach_device(domain, &pdev->dev);
	}
	pci_dev_put(pdev);
	return ret;
}

static long fault(void)
{
	struct pci_dev *pdev = test_device();
	long ret;

	if (!pdev)
		return -ENODEV;
	ret = report_iommu_fault(domain, &pdev->dev, 0x1234000, IOMMU_FAULT_WRITE);
	pci_dev_put(pdev);
	return ret;
}

static long fault_logged(void)
{
	long ret = fault();

	pr_info("AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:00:03.0 domain=0x0001 "
	        "address=0x1234000 flags=0x0020]\n");
	return ret;
}

static const struct {
	const char *name;
	long (*call)(void);
} commands[] = {
	{"misaligned", misaligned}, {"beyond", beyond},    {"undone", undone},
	{"map", map_whole},         {"unmap", unmap_part}, {"unmap_rest", unmap_rest},
	{"attach", attach},         {"fault", fault},      {"fault_logged", fault_logged},
};

static ssize_t write_command(struct file *f, const char __user *text, size_t size, loff_t *at)
{
	char word[32] = "";
	size_t i;

	if (size >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, text, size))
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (sysfs_streq(word, commands[i].name)) {
			result = commands[i].call();
			return size;
		}
	}
	return -EINVAL;
}

static ssize_t read_result(struct file *f, char __user *to, size_t size, loff_t *at)
{
	char text[ANSWER_SIZE];
	int length = scnprintf(text, sizeof(text), "%ld\n", result);

	return simple_read_from_buffer(to, size, at, text, length);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.read = read_result,
	.write = write_command,
	.llseek = default_llseek,
};

static int __init test_init(void)
{
	domain = iommu_domain_alloc(&pci_bus_type);
	if (!domain)
		return -ENODEV;
	file = debugfs_create_file("iommutop_test", 0600, NULL, NULL, &operations);
	return 0;
}

static void __exit test_exit(void)
{
	debugfs_remove(file);
	iommu_domain_free(domain);
}

module_init(test_init);
module_exit(test_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Calls of the IOMMU core for the tests of iommutop");
