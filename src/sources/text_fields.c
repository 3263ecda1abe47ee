// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_fields: the printed fields of events into raws, by table.
 * In: the text behind an event's name. Out: what page_bindings takes out of its record.
 * Must never know: the rest of the line, the file.
 */
#include "text_fields.h"

#include <string.h>

#include "../util.h"

/* Longer than any device's name. */
#define TEXT_MOST 255u

#define VALUES 4

/* How a field is found. */
enum how {
	BY_NAME,      /* name=value */
	SECOND_WORD,  /* of what is printed without names: "IOMMU:driver device iova=" */
	BEHIND_SLASH, /* "[1/4]" */
};

struct field {
	const char *name;
	const char *substitute; /* another name, of other kernels and programs */
	uint8_t how;            /* enum how, if there is no such name */
};

/*
 * include/trace/events/iommu.h and drivers/iommu/intel/trace.h (5.4 to 5.10), as their TP_printk
 * spell them; and names of their fields, which trace-cmd report -R prints. Up to 5.15 a map has no
 * end; up to 4.9 an unmap has no unmapped_size, and sizes were hexadecimal. Ours are by the
 * names that probes.c gives them.
 */
static const struct text_event {
	const char *system; /* NULL: a probe of ours */
	const char *event;
	struct field values[VALUES];
	struct field text;
	uint8_t kind;
} events[] = {
	{.system = "iommu",
         .event = "map",
         .kind = RAW_MAP,
         .values = {{.name = "iova"}, {.name = "size"}}},
	{.system = "iommu",
         .event = "unmap",
         .kind = RAW_UNMAP,
         .values = {{.name = "iova"}, {.name = "size"}, {"unmapped_size", "size", BY_NAME}}},
	{.system = "iommu",
         .event = "attach_device_to_domain",
         .kind = RAW_ATTACH,
         .text = {.name = "device"}},
	{.system = "iommu",
         .event = "detach_device_from_domain",
         .kind = RAW_DETACH,
         .text = {.name = "device"}},
	{.system = "iommu",
         .event = "add_device_to_group",
         .kind = RAW_GROUP_ADD,
         .values = {{"groupID", "gid", BY_NAME}},
         .text = {.name = "device"}},
	{.system = "iommu",
         .event = "remove_device_from_group",
         .kind = RAW_GROUP_LEAVE,
         .values = {{"groupID", "gid", BY_NAME}},
         .text = {.name = "device"}},
	{.system = "iommu",
         .event = "io_page_fault",
         .kind = RAW_FAULT,
         .values = {{.name = "iova"}, {.name = "flags"}},
         .text = {.name = "device", .how = SECOND_WORD}},
	{.system = "intel_iommu",
         .event = "map_single",
         .kind = RAW_DEVICE_MAP,
         .values = {{.name = "dev_addr"}, {.name = "size"}},
         .text = {.name = "dev", .substitute = "dev_name"}},
	{.system = "intel_iommu",
         .event = "map_sg",
         .kind = RAW_DEVICE_MAP,
         .values = {{.name = "dev_addr"}, {.name = "size"}, {.name = "total", .how = BEHIND_SLASH}},
         .text = {.name = "dev", .substitute = "dev_name"}},
	{.system = "intel_iommu",
         .event = "unmap_single",
         .kind = RAW_DEVICE_UNMAP,
         .values = {{.name = "dev_addr"}, {.name = "size"}},
         .text = {.name = "dev", .substitute = "dev_name"}},
	{.system = "intel_iommu",
         .event = "unmap_sg",
         .kind = RAW_DEVICE_UNMAP,
         .values = {{.name = "dev_addr"}, {.name = "size"}},
         .text = {.name = "dev", .substitute = "dev_name"}},
	{.event = "map",
         .kind = RAW_MAP_CALL,
         .values = {{.name = "domain"}, {.name = "iova"}, {.name = "size"}, {.name = "prot"}}},
	{.event = "map_return", .kind = RAW_MAP_RETURN, .values = {{.name = "ret"}}},
	{.event = "unmap",
         .kind = RAW_UNMAP_CALL,
         .values = {{.name = "domain"}, {.name = "iova"}, {.name = "size"}, {.name = "type"}}},
	{.event = "attach",
         .kind = RAW_ATTACH_CALL,
         .values = {{.name = "domain"}, {.name = "dev"}, {.name = "type"}}},
	{.event = "attach_return", .kind = RAW_ATTACH_RETURN, .values = {{.name = "ret"}}},
	{.event = "pasid",
         .kind = RAW_PASID_CALL,
         .values = {{.name = "domain"}, {.name = "dev"}, {.name = "pasid"}, {.name = "type"}}},
	{.event = "pasid_return", .kind = RAW_PASID_RETURN, .values = {{.name = "ret"}}},
	{.event = "free", .kind = RAW_DOMAIN_FREE, .values = {{.name = "domain"}}},
	{.event = "group",
         .kind = RAW_GROUP_DOMAINS,
         .values = {{.name = "group"}, {.name = "def"}, {.name = "domain"}, {.name = "type"}}},
	{.event = "member",
         .kind = RAW_GROUP_MEMBER,
         .values = {{.name = "group"}, {.name = "dev"}},
         .text = {.name = "name"}},
	{.event = "dma_page", .kind = RAW_DMA_CALL, .text = {.name = "dev"}},
	{.event = "dma_sg", .kind = RAW_DMA_CALL, .text = {.name = "dev"}},
	{.event = "dma_alloc", .kind = RAW_DMA_CALL, .text = {.name = "dev"}},
};

/* What is behind "name=", or NULL. A name begins a word. */
static const char *find_name(const char *fields, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = fields; name[0] && (at = strstr(at, name)); at++) {
		bool begins = at == fields || strchr(" :,(", at[-1]);

		if (begins && at[length] == '=')
			return at + length + 1;
	}
	return NULL;
}

static const char *second_word(const char *fields)
{
	static const char prefix[] = "IOMMU:";
	const char *at;

	if (strncmp(fields, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	at = strchr(fields + sizeof(prefix) - 1, ' ');
	return at ? at + 1 : NULL;
}

static const char *behind_slash(const char *fields)
{
	const char *open = strchr(fields, '['), *slash = open ? strchr(open, '/') : NULL;

	return slash ? slash + 1 : NULL;
}

static const char *find_field(const char *fields, const struct field *field)
{
	const char *at = find_name(fields, field->name);

	if (!at && field->substitute)
		at = find_name(fields, field->substitute);
	if (!at && field->how == SECOND_WORD)
		at = second_word(fields);
	if (!at && field->how == BEHIND_SLASH)
		at = behind_slash(fields);
	return at;
}

static bool ends_number(char c)
{
	return !c || strchr(" ,])", c);
}

static bool read_number(const char *at, uint64_t *value)
{
	bool negative = *at == '-', read;
	const char *end;

	if (negative)
		at++;
	read = at[0] == '0' && at[1] == 'x' ? parse_hex(at, &end, value)
	                                    : parse_decimal(at, &end, value);
	if (!read || !ends_number(*end))
		return false;
	if (negative)
		*value = -*value;
	return true;
}

/* Probes print a text in quotes. To be freed; NULL: there is none. */
static char *read_text(const char *at)
{
	bool quoted = *at == '"';
	size_t length;
	char *text;

	at += quoted;
	length = strcspn(at, quoted ? "\"" : " ,");
	if (!length)
		return NULL;
	if (length > TEXT_MOST)
		length = TEXT_MOST;
	text = xmalloc(length + 1);
	memcpy(text, at, length);
	text[length] = '\0';
	return text;
}

/* An address of code is what a probe's fields begin with. */
static bool is_probe(const char *fields)
{
	return fields[0] == '(' || !strncmp(fields, "__probe_", 8);
}

static bool equals(const char *word, const char *at, size_t length)
{
	return strlen(word) == length && !memcmp(word, at, length);
}

static const struct text_event *find_event(const char *system, size_t system_length,
                                           const char *event, size_t event_length, bool probe)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const struct text_event *known = &events[i];

		if (!known->system != probe || !equals(known->event, event, event_length))
			continue;
		if (!system_length || (known->system ? equals(known->system, system, system_length)
		                                     : !strncmp(system, "iommutop", 8)))
			return known;
	}
	return NULL;
}

bool text_fields_read(const char *system, size_t system_length, const char *event,
                      size_t event_length, const char *fields, struct raw *raw)
{
	const struct text_event *known =
		find_event(system, system_length, event, event_length, is_probe(fields));
	uint64_t values[VALUES] = {0};
	const char *at;
	char *text = NULL;

	if (!known)
		return false;
	for (size_t i = 0; i < VALUES && known->values[i].name; i++) {
		at = find_field(fields, &known->values[i]);
		if (!at || !read_number(at, &values[i]))
			return false;
	}
	if (known->text.name) {
		at = find_field(fields, &known->text);
		text = at ? read_text(at) : NULL;
		if (!text)
			return false;
	}
	raw->kind = known->kind;
	raw->text = text;
	memcpy(raw->value, values, sizeof(raw->value));
	return true;
}
