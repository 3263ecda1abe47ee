// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * page_bindings: which events become which raws, and where their fields lie.
 * In: events as libtraceevent parsed their format texts. Out: layouts of records.
 * Must never know: the bytes of a page, the text's origin, the model.
 */
#include "page_bindings.h"

#include <string.h>

#include <event-parse.h>

#include "../event.h"
#include "../util.h"
#include "raw.h"

/*
 * include/trace/events/iommu.h. Layouts differ between kernels, and within stable series: map had
 * other types up to 4.9, unmap got unmapped_size within 4.9.y, detach is gone from 6.3.
 */
const struct page_binding page_bindings[] = {
	{
		.system = "iommu",
		.event = "map",
		.kind = RAW_MAP,
		.class = CLASS_MAP,
		.values = {"iova", "size"},
	},
	{
		.system = "iommu",
		.event = "unmap",
		.kind = RAW_UNMAP,
		.class = CLASS_UNMAP,
		.values = {"iova", "size", "unmapped_size"},
		.substitutes = {NULL, NULL, "size"},
	},
	{
		.system = "iommu",
		.event = "attach_device_to_domain",
		.kind = RAW_ATTACH,
		.class = CLASS_DEVICE,
		.text = "device",
	},
	{
		.system = "iommu",
		.event = "detach_device_from_domain",
		.kind = RAW_DETACH,
		.class = CLASS_DEVICE,
		.text = "device",
		.historic = true,
	},
	{
		.system = "iommu",
		.event = "add_device_to_group",
		.kind = RAW_GROUP_ADD,
		.class = CLASS_GROUP,
		.values = {"gid"},
		.text = "device",
	},
	{
		.system = "iommu",
		.event = "remove_device_from_group",
		.kind = RAW_GROUP_LEAVE,
		.class = CLASS_GROUP,
		.values = {"gid"},
		.text = "device",
	},
	{
		.system = "iommu",
		.event = "io_page_fault",
		.kind = RAW_FAULT,
		.class = CLASS_FAULT,
		.values = {"iova", "flags"},
		.text = "device",
	},
	/* drivers/iommu/intel/trace.h, 5.15 and later. */
	{
		.system = "intel_iommu",
		.event = "prq_report",
		.kind = RAW_PAGE_REQUEST,
		.class = CLASS_FAULT,
		.values = {"dw0", "dw1"},
		.text = "dev",
		.historic = true,
	},
	/*
         * drivers/iommu/intel, 5.4 to 5.10: host DMA goes past the IOMMU core, and so past
         * iommu:map. A segment of a list has the length that the driver gave, a single map that of
         * its pages.
         */
	{
		.system = "intel_iommu",
		.event = "map_single",
		.kind = RAW_DEVICE_MAP,
		.class = CLASS_MAP,
		.values = {"dev_addr", "size"},
		.text = "dev_name",
		.historic = true,
	},
	{
		.system = "intel_iommu",
		.event = "map_sg",
		.kind = RAW_DEVICE_MAP,
		.class = CLASS_MAP,
		.values = {"dev_addr", "size", "total"},
		.text = "dev_name",
		.historic = true,
	},
	{
		.system = "intel_iommu",
		.event = "unmap_single",
		.kind = RAW_DEVICE_UNMAP,
		.class = CLASS_UNMAP,
		.values = {"dev_addr", "size"},
		.text = "dev_name",
		.historic = true,
	},
	{
		.system = "intel_iommu",
		.event = "unmap_sg",
		.kind = RAW_DEVICE_UNMAP,
		.class = CLASS_UNMAP,
		.values = {"dev_addr", "size"},
		.text = "dev_name",
		.historic = true,
	},
	/* Our probes, by the names that probes.c gives them. */
	{
		.event = "map",
		.kind = RAW_MAP_CALL,
		.class = CLASS_MAP,
		.set = SET_PROBES,
		.values = {"domain", "iova", "size", "prot"},
		.historic = true,
	},
	{
		.event = "map_return",
		.kind = RAW_MAP_RETURN,
		.class = CLASS_MAP,
		.set = SET_PROBES,
		.values = {"ret"},
		.historic = true,
	},
	{
		.event = "unmap",
		.kind = RAW_UNMAP_CALL,
		.class = CLASS_UNMAP,
		.set = SET_PROBES,
		.values = {"domain", "iova", "size", "type"},
		.historic = true,
	},
	{
		.event = "attach",
		.kind = RAW_ATTACH_CALL,
		.class = CLASS_DEVICE,
		.set = SET_PROBES,
		.values = {"domain", "dev", "type"},
		.historic = true,
	},
	{
		.event = "attach_return",
		.kind = RAW_ATTACH_RETURN,
		.class = CLASS_DEVICE,
		.set = SET_PROBES,
		.values = {"ret"},
		.historic = true,
	},
	{
		.event = "pasid",
		.kind = RAW_PASID_CALL,
		.class = CLASS_DEVICE,
		.set = SET_PROBES,
		.values = {"domain", "dev", "pasid", "type"},
		.historic = true,
	},
	{
		.event = "pasid_return",
		.kind = RAW_PASID_RETURN,
		.class = CLASS_DEVICE,
		.set = SET_PROBES,
		.values = {"ret"},
		.historic = true,
	},
	{
		.event = "free",
		.kind = RAW_DOMAIN_FREE,
		.class = CLASS_COUNT,
		.set = SET_PROBES,
		.values = {"domain"},
		.historic = true,
	},
	{
		.event = "group",
		.kind = RAW_GROUP_DOMAINS,
		.class = CLASS_COUNT,
		.set = SET_PROBES,
		.values = {"group", "def", "domain", "type"},
		.historic = true,
	},
	{
		.event = "member",
		.kind = RAW_GROUP_MEMBER,
		.class = CLASS_COUNT,
		.set = SET_PROBES,
		.values = {"group", "dev"},
		.text = "name",
		.historic = true,
	},
	{
		.event = "dma_page",
		.kind = RAW_DMA_CALL,
		.class = CLASS_COUNT,
		.set = SET_PROBES,
		.text = "dev",
		.historic = true,
	},
	{
		.event = "dma_sg",
		.kind = RAW_DMA_CALL,
		.class = CLASS_COUNT,
		.set = SET_PROBES,
		.text = "dev",
		.historic = true,
	},
	{
		.event = "dma_alloc",
		.kind = RAW_DMA_CALL,
		.class = CLASS_COUNT,
		.set = SET_PROBES,
		.text = "dev",
		.historic = true,
	},
	/*
         * include/trace/events/dma.h, 6.12 and later, each right behind the iommu:map or unmap that
         * it caused; but what frees, or unmaps a list, comes right before it. page became phys in
         * 6.18, which needs no resource.
         */
	{
		.system = "dma",
		.event = "dma_map_page",
		.kind = RAW_DMA_MAP,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_map_phys",
		.kind = RAW_DMA_MAP,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_map_resource",
		.kind = RAW_DMA_MAP,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_alloc",
		.kind = RAW_DMA_MAP,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_alloc_pages",
		.kind = RAW_DMA_MAP,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_unmap_page",
		.kind = RAW_DMA_UNMAP,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_unmap_phys",
		.kind = RAW_DMA_UNMAP,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_unmap_resource",
		.kind = RAW_DMA_UNMAP,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_alloc_sgt",
		.kind = RAW_DMA_MAP,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	/* The list of what was mapped is cut off at 128 entries within stable series. */
	{
		.system = "dma",
		.event = "dma_map_sg",
		.kind = RAW_DMA_MAP_LIST,
		.class = CLASS_MAP,
		.set = SET_FALLBACK,
		.values = {"dma_addrs", "lengths", "phys_addrs"},
		.text = "device",
		.lists = true,
		.historic = true,
	},
	/* Of a list it has the physical addresses only. */
	{
		.system = "dma",
		.event = "dma_unmap_sg",
		.kind = RAW_DMA_UNMAP_LIST,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"addrs"},
		.text = "device",
		.lists = true,
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_free",
		.kind = RAW_DMA_FREE,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_free_pages",
		.kind = RAW_DMA_FREE,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
	{
		.system = "dma",
		.event = "dma_free_sgt",
		.kind = RAW_DMA_FREE,
		.class = CLASS_UNMAP,
		.set = SET_FALLBACK,
		.values = {"dma_addr", "size"},
		.text = "device",
		.historic = true,
	},
};

_Static_assert(ARRAY_SIZE(page_bindings) == PAGE_BINDINGS, "PAGE_BINDINGS counts them");
bool page_field_resolve(struct tep_format_field *from, struct page_field *field)
{
	if (!from || from->offset < 0 || from->offset > UINT16_MAX - 8)
		return false;
	if (from->size != 1 && from->size != 2 && from->size != 4 && from->size != 8)
		return false;
	*field = (struct page_field){
		.offset = (uint16_t)from->offset,
		.size = (uint8_t)from->size,
		.is_signed = from->flags & TEP_FIELD_IS_SIGNED,
	};
	return true;
}

static bool resolve_number(struct tep_event *event, const char *name, struct page_field *field)
{
	struct tep_format_field *from = tep_find_field(event, name);

	return from && !(from->flags & (TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_DYNAMIC)) &&
	       page_field_resolve(from, field);
}

static bool resolve_text(struct tep_event *event, const char *name, struct page_field *field)
{
	struct tep_format_field *from = tep_find_field(event, name);

	return from && from->flags & TEP_FIELD_IS_DYNAMIC &&
	       !(from->flags & TEP_FIELD_IS_RELATIVE) && from->size == 4 &&
	       page_field_resolve(from, field);
}

/* The sizes of a list's entries are part of the kernel's own declaration only by their type. */
static bool resolve_list(struct tep_event *event, const char *name, struct page_field *field)
{
	if (!resolve_text(event, name, field))
		return false;
	if (strstr(tep_find_field(event, name)->type, "u64"))
		field->item_bytes = 8;
	else if (strstr(tep_find_field(event, name)->type, "int"))
		field->item_bytes = 4;
	return field->item_bytes;
}

static bool resolve_value(const struct page_binding *binding, struct tep_event *event,
                          const char *name, struct page_field *field)
{
	return binding->lists ? resolve_list(event, name, field)
	                      : resolve_number(event, name, field);
}

static void need(struct page_layout *layout, struct page_field field)
{
	size_t end = (size_t)field.offset + field.size;

	if (end > layout->least_bytes)
		layout->least_bytes = end;
}

const char *page_binding_resolve(const struct page_binding *binding, struct tep_event *event,
                                 struct page_layout *layout)
{
	for (unsigned int i = 0; i < PAGE_VALUES && binding->values[i]; i++) {
		const char *substitute = binding->substitutes[i];

		if (!resolve_value(binding, event, binding->values[i], &layout->values[i]) &&
		    !(substitute && resolve_value(binding, event, substitute, &layout->values[i])))
			return binding->values[i];
		need(layout, layout->values[i]);
	}
	if (binding->text && !resolve_text(event, binding->text, &layout->text))
		return binding->text;
	need(layout, layout->text);
	if (!page_field_resolve(tep_find_common_field(event, "common_flags"), &layout->flags))
		return "common_flags";
	need(layout, layout->flags);
	if (!page_field_resolve(tep_find_common_field(event, "common_pid"), &layout->pid))
		return "common_pid";
	need(layout, layout->pid);
	return NULL;
}
