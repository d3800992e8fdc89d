#include "config/resolve.h"

#include <assert.h>
#include <stdlib.h>

#include "config/types.h"
#include "sshd/base/auto.h"

/* The conf comes first, so that one allocation holds both. */
struct conf_store {
	struct conf conf;
	struct arena arena;
	struct config *config;
};

struct resolver {
	const struct config *config;
	const struct match_facts *facts;
	uint32_t only; /* a scope that holds although no facts say so */
	struct conf *conf;
	struct arena *arena;
	size_t capacity[KEYWORD_COUNT]; /* of an array we own; 0: it is the entry's own */
	bool is_set[KEYWORD_COUNT];
	bool is_closed[KEYWORD_COUNT]; /* set by a Match block: nothing outside adds to it */
};

static void *field_of(struct conf *conf, const struct keyword *keyword)
{
	return (char *)conf + keyword->offset;
}

static void take_value(
    struct resolver *r, const struct keyword *keyword, const void *value, struct origin origin)
{
	memcpy(field_of(r->conf, keyword), value, keyword->type->size);
	r->conf->origins[keyword->id] = origin;
	r->capacity[keyword->id] = 0;
	r->is_set[keyword->id] = true;
}

/* Makes the array of a keyword our own with room for `more` items. */
static enum err make_room(
    struct resolver *r, const struct keyword *keyword, struct conf_array *array, size_t more)
{
	size_t wanted = array->count + more, capacity = 2 * wanted;
	struct origin *origins;
	void *items;

	if (wanted <= r->capacity[keyword->id])
		return ERR_OK;
	items = arena_alloc(r->arena, capacity * keyword->type->item_size);
	origins = arena_alloc(r->arena, capacity * sizeof(*origins));
	if (items == NULL || origins == NULL)
		return ERR_NO_MEMORY;
	if (array->count > 0) {
		memcpy(items, array->items, array->count * keyword->type->item_size);
		memcpy(origins, array->origins, array->count * sizeof(*origins));
	}
	array->items = items;
	array->origins = origins;
	r->capacity[keyword->id] = capacity;
	return ERR_OK;
}

static enum err append_items(
    struct resolver *r, const struct keyword *keyword, const struct conf_array *more)
{
	size_t size = keyword->type->item_size;
	struct conf_array array;

	memcpy(&array, field_of(r->conf, keyword), sizeof(array));
	TRY(make_room(r, keyword, &array, more->count));
	if (more->count > 0) {
		memcpy((char *)(uintptr_t)array.items + array.count * size, more->items,
		    more->count * size);
		memcpy((struct origin *)(uintptr_t)array.origins + array.count, more->origins,
		    more->count * sizeof(*more->origins));
	}
	array.count += more->count;
	memcpy(field_of(r->conf, keyword), &array, sizeof(array));
	return ERR_OK;
}

/* Subsystems: the first of a name stands. */
static enum err append_by_name(
    struct resolver *r, const struct keyword *keyword, const struct conf_array *more)
{
	const struct conf_subsystems *known = field_of(r->conf, keyword);
	const struct conf_subsystem *fresh = more->items;

	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->items[i].name, fresh->name) == 0)
			return ERR_OK;
	return append_items(r, keyword, more);
}

/* One entry behind others of its keyword, as the keyword's row says. */
static enum err merge(struct resolver *r, const struct entry *entry)
{
	const struct keyword *keyword = entry->keyword;

	switch (keyword->merge) {
	case MERGE_FIRST:
		break;
	case MERGE_LAST:
		take_value(r, keyword, entry->value, entry->origin);
		break;
	case MERGE_APPEND:
		return append_items(r, keyword, entry->value);
	case MERGE_BY_NAME:
		return append_by_name(r, keyword, entry->value);
	case MERGE_FILL:
		keyword->type->fill(field_of(r->conf, keyword), entry->value);
		break;
	case MERGE_NONE_RESETS:
		if (keyword->type->is_none(entry->value))
			take_value(r, keyword, entry->value, entry->origin);
		break;
	}
	return ERR_OK;
}

/* What a block left open may be added from outside of it: parts and names, never items. */
static bool stays_open(const struct keyword *keyword)
{
	return keyword->merge == MERGE_FILL || keyword->merge == MERGE_BY_NAME;
}

static enum err apply(struct resolver *r, const struct entry *entry)
{
	const struct keyword *keyword = entry->keyword;

	if (r->is_closed[keyword->id])
		return ERR_OK;
	if (r->is_set[keyword->id])
		return merge(r, entry);
	take_value(r, keyword, entry->value, entry->origin);
	return ERR_OK;
}

/*
 * Which scopes hold; parents stand before their children. With `only`, a scope and those it is
 * nested in hold besides the static ones, whatever the connection.
 */
static bool *find_active(const struct config *config, const struct match_facts *facts,
    uint32_t only, struct arena *arena)
{
	bool *active = arena_alloc(arena, config->scope_count * sizeof(*active));

	if (active == NULL)
		return NULL;
	active[0] = true;
	for (size_t i = 1; i < config->scope_count; i++) {
		const struct scope *scope = &config->scopes[i];

		active[i] = active[scope->parent] && scope->match != NULL &&
		            match_holds(scope->match, facts);
	}
	for (uint32_t i = only; i != 0; i = config->scopes[i].parent)
		active[i] = true;
	return active;
}

/* First what holds in Match blocks, so that it stands before what is outside. */
static enum err apply_matched(struct resolver *r)
{
	const struct config *config = r->config;
	bool *active = find_active(config, r->facts, r->only, r->arena);

	if (active == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];

		if (entry->scope != 0 && active[entry->scope])
			TRY(apply(r, entry));
	}
	for (unsigned id = 0; id < KEYWORD_COUNT; id++)
		r->is_closed[id] = r->is_set[id] && !stays_open(keyword_of(id));
	return ERR_OK;
}

static enum err apply_global(struct resolver *r)
{
	const struct config *config = r->config;
	bool *active = find_active(config, NULL, 0, r->arena);

	if (active == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];

		if (active[entry->scope])
			TRY(apply(r, entry));
	}
	return ERR_OK;
}

static void apply_defaults(struct resolver *r)
{
	for (unsigned id = 0; id < KEYWORD_COUNT; id++) {
		const struct keyword *keyword = keyword_of(id);
		const void *value = r->config->defaults[id];

		if (value == NULL)
			continue;
		if (!r->is_set[id])
			take_value(r, keyword, value, (struct origin){0});
		else if (keyword->merge == MERGE_FILL)
			keyword->type->fill(field_of(r->conf, keyword), value);
	}
}

/* ---- what depends on several keywords ---- */

static bool permits_family(const struct conf *conf, enum conf_family family)
{
	return conf->family == FAMILY_ANY || conf->family == family;
}

static enum err listen_rows(
    struct resolver *r, size_t count, struct conf_listen **rows, struct origin **origins)
{
	*rows = arena_alloc(r->arena, (count + 1) * sizeof(**rows));
	*origins = arena_alloc(r->arena, (count + 1) * sizeof(**origins));
	return *rows && *origins ? ERR_OK : ERR_NO_MEMORY;
}

/* Without ListenAddress: on each port every address of both families. */
static enum err listen_everywhere(struct resolver *r)
{
	static const struct {
		enum conf_family family;
		const char *host;
	} wildcards[] = {{FAMILY_INET6, "::"}, {FAMILY_INET, "0.0.0.0"}};
	struct conf *conf = r->conf;
	struct conf_listen *rows;
	struct origin *origins;
	size_t count = 0;

	TRY(listen_rows(r, conf->ports.count * COUNT_OF(wildcards), &rows, &origins));
	for (size_t i = 0; i < conf->ports.count; i++) {
		for (size_t k = 0; k < COUNT_OF(wildcards); k++) {
			if (!permits_family(conf, wildcards[k].family))
				continue;
			rows[count] = (struct conf_listen){
			    .host = wildcards[k].host, .port = conf->ports.items[i]};
			origins[count++] = conf->ports.origins[i];
		}
	}
	conf->listen = (struct conf_listens){rows, origins, count};
	return ERR_OK;
}

/* The product of addresses without a port of their own and the ports. */
static enum err spread_listen(struct resolver *r)
{
	struct conf *conf = r->conf;
	struct conf_listens given = conf->listen;
	struct conf_listen *rows;
	struct origin *origins;
	size_t count = 0;

	TRY(listen_rows(r, given.count * conf->ports.count, &rows, &origins));
	for (size_t i = 0; i < given.count; i++) {
		size_t ports = given.items[i].port != 0 ? 1 : conf->ports.count;

		for (size_t k = 0; k < ports; k++) {
			rows[count] = given.items[i];
			if (rows[count].port == 0)
				rows[count].port = conf->ports.items[k];
			origins[count++] = given.origins[i];
		}
	}
	conf->listen = (struct conf_listens){rows, origins, count};
	return ERR_OK;
}

static enum err finish(struct resolver *r)
{
	struct conf *conf = r->conf;
	bool is_listen_set = conf->listen.count > 0;

	if (conf->ports_given.count > 0) {
		conf->ports = conf->ports_given;
		conf->origins[KEYWORD_Port] = conf->origins[KEYWORD_PortGiven];
	}
	/* What is said of the one family only holds for the other too. */
	if (conf->per_source_penalties.overflow6 == OVERFLOW_UNSET)
		conf->per_source_penalties.overflow6 = conf->per_source_penalties.overflow4;
	return is_listen_set ? spread_listen(r) : listen_everywhere(r);
}

static enum err resolve(struct resolver *r)
{
	if (r->facts != NULL || r->only != 0)
		TRY(apply_matched(r));
	TRY(apply_global(r));
	apply_defaults(r);
	return finish(r);
}

static enum err make_conf(
    struct config *config, const struct match_facts *facts, uint32_t only, struct conf **out)
{
	AUTO(conf_release) struct conf *conf = NULL;
	struct conf_store *store = calloc(1, sizeof(*store));
	struct resolver r = {.config = config, .facts = facts, .only = only};

	if (store == NULL)
		return ERR_NO_MEMORY;
	conf = &store->conf;
	conf->store = store;
	store->config = config;
	config->references++;
	r.conf = conf;
	r.arena = &store->arena;
	TRY(resolve(&r));
	*out = TAKE(conf);
	return ERR_OK;
}

enum err conf_resolve(struct config *config, const struct match_facts *facts, struct conf **out,
    struct diagnostics *diagnostics)
{
	/* What can be wrong across lines is the business of config_check. */
	(void)diagnostics;
	return make_conf(config, facts, 0, out);
}

enum err conf_resolve_scope(struct config *config, uint32_t scope, struct conf **out)
{
	return make_conf(config, NULL, scope, out);
}

void conf_free(struct conf *conf)
{
	struct conf_store *store = conf ? conf->store : NULL;

	if (store == NULL)
		return;
	arena_wipe(&store->arena);
	config_free(store->config);
	free(store);
}

void conf_release(struct conf **conf)
{
	conf_free(*conf);
	*conf = NULL;
}

const struct config *conf_config(const struct conf *conf)
{
	return conf->store->config;
}

bool entry_holds(
    const struct config *config, const struct entry *entry, const struct match_facts *facts)
{
	for (uint32_t i = entry->scope; i != 0; i = config->scopes[i].parent)
		if (config->scopes[i].match == NULL || !match_holds(config->scopes[i].match, facts))
			return false;
	return true;
}

enum err conf_origin_append(const struct conf *conf, struct origin origin, struct buf *out)
{
	const char *file = config_file_name(conf->store->config, origin);

	if (file == NULL)
		return buf_append_text(out, "default");
	return buf_append_format(out, "%s:%u", file, origin.line);
}
