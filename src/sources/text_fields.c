// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_fields: the printed fields of events into raws.
 * In: the text behind an event's name. Out: what page_bindings takes out of its record.
 * Must never know: the rest of the line, the file.
 */
#include "text_fields.h"

#include <string.h>

#include "../util.h"
#include "page_bindings.h"

/* Longer than any device's name. */
#define TEXT_MOST 255u

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

/* ---- what is printed without names ---- */

/* "IOMMU:driver device iova=" */
static const char *second_word(const char *fields)
{
	static const char prefix[] = "IOMMU:";
	const char *at;

	if (strncmp(fields, prefix, sizeof(prefix) - 1) != 0 || fields[sizeof(prefix) - 1] == ' ')
		return NULL;
	at = strchr(fields, ' ');
	return at ? at + 1 : NULL;
}

/* "device dir=FROM_DEVICE dma_addr=" */
static const char *first_word(const char *fields)
{
	const char *end = strchr(fields, ' ');

	return end && strncmp(end, " dir=", 5) == 0 ? fields : NULL;
}

/* "[1/4]" */
static const char *behind_slash(const char *fields)
{
	const char *open = strchr(fields, '['), *slash = open ? strchr(open, '/') : NULL;

	return slash ? slash + 1 : NULL;
}

/* "dmar0/device seq# 1:" */
static const char *behind_unit(const char *fields)
{
	const char *slash = strchr(fields, '/'), *end = strstr(fields, " seq# ");

	return slash && end && slash < end ? slash + 1 : NULL;
}

/* ---- numbers ---- */

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

/* With 0x or without. */
static bool read_hex(const char *at, uint64_t *value)
{
	const char *end;

	return parse_hex(at, &end, value) && ends_number(*end);
}

/* ---- lists ---- */

/* Where the reader of one is: at what stands before the next item, or at its end. */
struct list {
	const char *at;
	unsigned int item_bytes; /* where they are told as bytes */
};

/* "00, 10, " of "ARRAY[00, 10, 98]", as trace-cmd report prints what it cannot format: the bytes as
 * they lay in the record, of a little-endian machine. */
static bool next_bytes(struct list *list, uint64_t *value)
{
	const char *at = list->at + 1, *end = at;
	uint64_t byte;

	*value = 0;
	for (unsigned int i = 0; i < list->item_bytes; i++) {
		if (!parse_hex(at, &end, &byte) || end - at != 2 ||
		    (*end != ']' && strncmp(end, ", ", 2) != 0))
			return false;
		*value |= byte << 8 * i;
		if (*end == ']' && i + 1 < list->item_bytes)
			return false;
		at = *end == ',' ? end + 2 : end;
	}
	list->at = *end == ',' ? end + 1 : end;
	return true;
}

/* The next of "{0x1000,0x2000}", or of bytes; false at its end and where it has none. */
static bool next_item(struct list *list, uint64_t *value)
{
	const char *end;

	if (*list->at == '[' || *list->at == ' ')
		return next_bytes(list, value);
	if ((*list->at != '{' && *list->at != ',') || !parse_hex(list->at + 1, &end, value) ||
	    (*end != ',' && *end != '}'))
		return false;
	list->at = end;
	return true;
}

static bool at_end(const struct list *list)
{
	return *list->at == '}' || *list->at == ']';
}

static struct list list_at(const char *at, unsigned int item_bytes)
{
	static const char bytes[] = "ARRAY";
	size_t length = sizeof(bytes) - 1;

	return (struct list){.at = strncmp(at, bytes, length) ? at : at + length,
	                     .item_bytes = item_bytes};
}

/* ---- a page request, which the kernel prints decoded ---- */

/* Page Request Descriptor: Intel VT-d specification, Page Request Queue. */
#define REQUEST_HAS_PASID (1ull << 8)
#define REQUEST_EXECUTE   (1ull << 52)
#define REQUEST_READ      1ull
#define REQUEST_WRITE     2ull

static bool find_hex(const char *fields, const char *name, uint64_t *value)
{
	const char *at = find_name(fields, name);

	return at && read_hex(at, value);
}

/* "addr=0x1000 rwxpl pasid=": the letters; '-' stands for each that is not so. */
static const char *request_letters(const char *fields)
{
	const char *at = find_name(fields, "addr");

	at = at ? strchr(at, ' ') : NULL;
	return at && strcspn(at + 1, " ") == 5 ? at + 1 : NULL;
}

/* Whether it has a PASID at all is not printed: one that is 0 may be none. */
static bool read_request_who(const char *fields, uint64_t *value)
{
	const char *letters = request_letters(fields);
	uint64_t pasid;

	if (!letters || !find_hex(fields, "pasid", &pasid) || pasid > 0xfffff)
		return false;
	*value = pasid << 32 | (pasid ? REQUEST_HAS_PASID : 0) |
	         (letters[2] == 'x' ? REQUEST_EXECUTE : 0);
	return true;
}

static bool read_request_what(const char *fields, uint64_t *value)
{
	const char *letters = request_letters(fields);
	uint64_t page;

	if (!letters || !find_hex(fields, "addr", &page) || page >> 52)
		return false;
	*value = page << 12 | (letters[0] == 'r' ? REQUEST_READ : 0) |
	         (letters[1] == 'w' ? REQUEST_WRITE : 0);
	return true;
}

/* ---- how fields are spelled ---- */

/*
 * The fields of page_bindings by what TP_printk makes of them: include/trace/events/iommu.h and
 * dma.h, drivers/iommu/intel/trace.h. Those that are not here are printed by their names, as
 * trace-cmd report -R prints all of them. Up to 5.15 a map has no end; up to 4.9 an unmap has no
 * unmapped_size, and sizes were hexadecimal.
 */
static const struct spelling {
	const char *system, *field;
	const char *printed;                                   /* another name */
	const char *(*find)(const char *fields);               /* without a name */
	bool (*read)(const char *at, uint64_t *value);         /* what was found */
	bool (*read_decoded)(const char *at, uint64_t *value); /* of all fields */
	unsigned int item_bytes; /* it is a list: of numbers of this size */
} spellings[] = {
	{"iommu", "gid", .printed = "groupID"},
	{"iommu", "device", .find = second_word},
	{"intel_iommu", "dev_name", .printed = "dev"},
	{"intel_iommu", "total", .find = behind_slash},
	{"intel_iommu", "dev", .find = behind_unit},
	{"intel_iommu", "dw0", .read_decoded = read_request_who},
	{"intel_iommu", "dw1", .read_decoded = read_request_what},
	{"dma", "device", .find = first_word},
	{"dma", "dma_addr", .read = read_hex},
	{"dma", "addr", .printed = "dma_addr", .read = read_hex},
	{"dma", "dma_addrs", .item_bytes = 8},
	{"dma", "lengths", .printed = "sizes", .item_bytes = 4},
	{"dma", "phys_addrs", .item_bytes = 8},
	{"dma", "addrs", .printed = "phys_addrs", .item_bytes = 8},
};

static const struct spelling *spelling_of(const char *system, const char *field)
{
	static const struct spelling by_name;

	for (size_t i = 0; system && i < ARRAY_SIZE(spellings); i++)
		if (!strcmp(spellings[i].system, system) && !strcmp(spellings[i].field, field))
			return &spellings[i];
	return &by_name;
}

static const char *find_field(const char *fields, const char *system, const char *field)
{
	const struct spelling *spelling = spelling_of(system, field);
	const char *at = find_name(fields, field);

	if (!at && spelling->printed)
		at = find_name(fields, spelling->printed);
	if (!at && spelling->find)
		at = spelling->find(fields);
	return at;
}

static bool read_field(const char *fields, const char *system, const char *field, uint64_t *value)
{
	const struct spelling *spelling = spelling_of(system, field);
	const char *at = find_field(fields, system, field);
	struct list list;

	if (!at)
		return spelling->read_decoded && spelling->read_decoded(fields, value);
	if (!spelling->item_bytes)
		return spelling->read ? spelling->read(at, value) : read_number(at, value);
	list = list_at(at, spelling->item_bytes);
	return (*list.at == '{' || *list.at == '[') && next_item(&list, value);
}

/* As span_of in pages.c: 0 where the entries do not follow each other. */
static uint64_t span_of(struct list addresses, struct list lengths)
{
	uint64_t first = 0, end = 0, address, length;

	while (next_item(&addresses, &address)) {
		if (!end)
			first = end = address;
		if (!next_item(&lengths, &length) || address < end || address > UINT64_MAX - length)
			return 0;
		end = address + length;
	}
	return at_end(&addresses) && at_end(&lengths) ? end - first : 0;
}

static struct list find_list(const char *fields, const struct page_binding *binding, size_t i)
{
	return list_at(find_field(fields, binding->system, binding->values[i]),
	               spelling_of(binding->system, binding->values[i])->item_bytes);
}

/* Probes print a text in quotes. To be freed; NULL: there is none. */
static char *read_text(const char *at)
{
	bool quoted = *at == '"';
	size_t length;
	char *text;

	at += quoted;
	length = strcspn(at, quoted ? "\"" : " ,");
	if (!length || (quoted && at[length] != '"'))
		return NULL;
	if (length > TEXT_MOST)
		length = TEXT_MOST;
	text = xmalloc(length + 1);
	memcpy(text, at, length);
	text[length] = '\0';
	return text;
}

/* An address of code is what a probe's fields begin with; perhaps cut. */
static bool is_probe(const char *fields)
{
	static const char raw[] = "__probe_";
	size_t length = strnlen(fields, sizeof(raw) - 1);

	return fields[0] == '(' || (length && !strncmp(fields, raw, length));
}

static bool equals(const char *word, const char *at, size_t length)
{
	return strlen(word) == length && !memcmp(word, at, length);
}

static const struct page_binding *find_binding(const char *system, size_t system_length,
                                               const char *event, size_t event_length, bool probe)
{
	for (size_t i = 0; i < PAGE_BINDINGS; i++) {
		const struct page_binding *known = &page_bindings[i];

		if (!known->system != probe || !equals(known->event, event, event_length))
			continue;
		if (!system_length || (known->system ? equals(known->system, system, system_length)
		                                     : !strncmp(system, "iommutop", 8)))
			return known;
	}
	return NULL;
}

/* Where the kernel prints the end of a range, it is the sum of the other two, else one of them is
 * not what it was; and it prints how much was unmapped, too. */
static bool range_agrees(const struct page_binding *binding, const char *fields,
                         const uint64_t values[PAGE_VALUES])
{
	const char *at = find_name(fields, "iova");
	uint64_t end;

	at += strspn(at, "0123456789abcdefx");
	if (strncmp(at, " - ", 3) != 0)
		return true;
	return read_number(at + 3, &end) && end == values[0] + values[1] &&
	       (binding->kind == RAW_MAP || find_name(fields, "unmapped_size"));
}

/* Nothing stands behind what stands in for a field that an older kernel does not have; else that is
 * what is left of it. */
static bool read_substitute(const char *fields, const struct page_binding *binding, size_t i,
                            uint64_t *value)
{
	const char *name = binding->substitutes[i];
	const char *at = name ? find_field(fields, binding->system, name) : NULL;

	if (!at || !read_field(fields, binding->system, name, value))
		return false;
	at += strcspn(at, " ");
	return !at[strspn(at, " ")];
}

static bool read_values(const struct page_binding *binding, const char *fields,
                        uint64_t values[PAGE_VALUES])
{
	for (size_t i = 0; i < PAGE_VALUES && binding->values[i]; i++) {
		const char *name = binding->values[i];
		bool read = !binding->substitutes[i] || find_field(fields, binding->system, name)
		                    ? read_field(fields, binding->system, name, &values[i])
		                    : read_substitute(fields, binding, i, &values[i]);

		if (!read)
			return false;
	}
	if (binding->kind == RAW_MAP || binding->kind == RAW_UNMAP)
		return range_agrees(binding, fields, values);
	if (binding->kind == RAW_DMA_MAP_LIST)
		values[1] = span_of(find_list(fields, binding, 0), find_list(fields, binding, 1));
	return true;
}

/* ---- events of ours whose fields cannot be read ---- */

/* A list of nothing, which is all there. */
static bool is_empty_list(const struct page_binding *binding, const char *fields)
{
	const char *at =
		binding->lists ? find_field(fields, binding->system, binding->values[0]) : NULL;
	struct list list;

	if (!at)
		return false;
	list = list_at(at, 0);
	return (*list.at == '{' || *list.at == '[') && (list.at[1] == '}' || list.at[1] == ']');
}

/* The fields of a probe without its address. */
static const char *behind_address(const char *fields)
{
	const char *end = fields;

	if (*fields == '(')
		return fields + strcspn(fields, ")");
	while (!strncmp(end, "__probe_", 8)) {
		end += strcspn(end, " ");
		end += strspn(end, " ");
	}
	return end;
}

static bool has_a_field(const struct page_binding *binding, const char *fields)
{
	for (size_t i = 0; i < PAGE_VALUES && binding->values[i]; i++)
		if (find_name(fields, binding->values[i]))
			return true;
	return binding->text && find_name(fields, binding->text);
}

/*
 * Others may have a probe of the same name, and a line need not tell its group: it is ours if it
 * has a field of ours, or nothing but an address, which is of the kernel. A tracepoint's name there
 * is but once.
 */
static bool is_ours(const struct page_binding *binding, size_t system_length, const char *fields)
{
	if (is_empty_list(binding, fields))
		return false;
	if (binding->system || system_length || has_a_field(binding, fields))
		return true;
	fields = *fields == '(' && !strchr(fields, ')') ? "" : fields;
	return !strchr(behind_address(fields), '=') &&
	       (!*fields || strstr(fields, "iommu") || strstr(fields, "ffff"));
}

static bool read_event(const struct page_binding *binding, const char *fields, struct raw *raw)
{
	uint64_t values[PAGE_VALUES] = {0};
	const char *at;
	char *text = NULL;

	if (!read_values(binding, fields, values))
		return false;
	if (binding->text) {
		at = find_field(fields, binding->system, binding->text);
		text = at ? read_text(at) : NULL;
		if (!text)
			return false;
	}
	raw->kind = binding->kind;
	raw->text = text;
	memcpy(raw->value, values, sizeof(raw->value));
	return true;
}

bool text_fields_read(const char *system, size_t system_length, const char *event,
                      size_t event_length, const char *fields, struct raw *raw)
{
	const struct page_binding *binding =
		find_binding(system, system_length, event, event_length, is_probe(fields));
	const struct page_binding *probe =
		*fields ? NULL : find_binding(system, system_length, event, event_length, true);

	if (binding && read_event(binding, fields, raw))
		return true;
	if (probe || (binding && is_ours(binding, system_length, fields))) {
		/* A line without fields does not tell which of the two it is. */
		if (probe && binding)
			text_fields_unread(RAW_KIND_COUNT, raw);
		else
			text_fields_unread(probe ? probe->kind : binding->kind, raw);
		return true;
	}
	return false;
}

void text_fields_unread(uint8_t kind, struct raw *raw)
{
	raw->kind = RAW_UNREAD;
	memset(raw->value, 0, sizeof(raw->value));
	raw->value[0] = kind;
}
