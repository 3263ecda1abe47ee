// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_formats: the events that a file has, against those that are understood.
 * In: texts of formats. Out: bindings of pages, what there is.
 * Must never know: the file, records.
 */
#include "tracedat_formats.h"

#include <string.h>

#include "../util.h"
#include "page_bindings.h"

/* Groups of our probes begin so, whichever iommutop, or script, made them. */
#define PROBE_GROUP "iommutop"

static bool is_named(const struct tracedat_format *format, const char *event)
{
	static const char label[] = "name: ";
	size_t length = strlen(event);

	return !strncmp(format->text, label, sizeof(label) - 1) &&
	       !strncmp(format->text + sizeof(label) - 1, event, length) &&
	       format->text[sizeof(label) - 1 + length] == '\n';
}

static bool is_probe_group(const char *system)
{
	return !strncmp(system, PROBE_GROUP, sizeof(PROBE_GROUP) - 1);
}

/* Of several groups one is enough: all of them tell the same. The one with maps. */
static const char *find_group(const struct tracedat_contents *contents)
{
	const char *group = NULL;

	for (size_t i = 0; i < contents->format_count; i++) {
		const struct tracedat_format *format = &contents->formats[i];

		if (is_probe_group(format->system) && (!group || is_named(format, "map")))
			group = format->system;
	}
	return group;
}

static const struct tracedat_format *find_format(const struct tracedat_contents *contents,
                                                 const char *system, const char *event)
{
	for (size_t i = 0; system && i < contents->format_count; i++)
		if (!strcmp(contents->formats[i].system, system) &&
		    is_named(&contents->formats[i], event))
			return &contents->formats[i];
	return NULL;
}

static bool have_kind(const struct tracedat_formats *formats, enum raw_kind kind)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (formats->bound[i] && page_bindings[i].kind == kind)
			return true;
	return false;
}

/* A call without the tracepoint that it encloses would seem to have failed. */
static bool is_of_use(const struct tracedat_formats *formats, unsigned int binding)
{
	switch (page_bindings[binding].kind) {
	case RAW_MAP_CALL:
	case RAW_MAP_RETURN:
		return have_kind(formats, RAW_MAP);
	case RAW_UNMAP_CALL:
		return have_kind(formats, RAW_UNMAP);
	case RAW_ATTACH_CALL:
	case RAW_ATTACH_RETURN:
		return have_kind(formats, RAW_ATTACH);
	default:
		break;
	}
	return page_bindings[binding].set != SET_FALLBACK || !have_kind(formats, RAW_MAP_CALL) ||
	       !have_kind(formats, RAW_UNMAP_CALL);
}

static void bind_set(struct tracedat_formats *formats, struct pages *pages,
                     const struct tracedat_contents *contents, enum page_set set)
{
	const char *group = find_group(contents);

	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const struct page_binding *binding = &page_bindings[i];
		const char *system = binding->system ? binding->system : group;
		const struct tracedat_format *format;
		struct error err;

		if (binding->set != set || !is_of_use(formats, i))
			continue;
		format = find_format(contents, system, binding->event);
		if (!format)
			continue;
		if (pages_bind(pages, i, system, format->text, format->size, &err) < 0)
			trace_verdict_tell(&formats->verdict, HEALTH_PARTIAL, "%s", err.text);
		else
			formats->bound[i] = true;
	}
}

void tracedat_formats_bind(struct tracedat_formats *formats, struct pages *pages,
                           const struct tracedat_contents *contents)
{
	*formats = (struct tracedat_formats){.verdict = {.state = HEALTH_OK}};
	bind_set(formats, pages, contents, SET_ALWAYS);
	bind_set(formats, pages, contents, SET_PROBES);
	bind_set(formats, pages, contents, SET_FALLBACK);
}

bool tracedat_formats_have(const struct tracedat_formats *formats, enum event_class class)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (formats->bound[i] && page_bindings[i].class == class &&
		    page_bindings[i].set == SET_ALWAYS)
			return true;
	return false;
}

bool tracedat_formats_any(const struct tracedat_formats *formats)
{
	for (unsigned int i = 0; i < CLASS_COUNT; i++)
		if (tracedat_formats_have(formats, (enum event_class)i))
			return true;
	return false;
}

enum collect_mode tracedat_formats_mode(const struct tracedat_formats *formats)
{
	if (have_kind(formats, RAW_MAP_CALL) || have_kind(formats, RAW_UNMAP_CALL))
		return COLLECT_EVENTS;
	if (tracedat_formats_have(formats, CLASS_MAP) ||
	    tracedat_formats_have(formats, CLASS_UNMAP))
		return COLLECT_TRACEPOINTS;
	return COLLECT_NONE;
}
