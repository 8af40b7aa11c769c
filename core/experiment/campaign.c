/* From an experiment's file to checked variants and the units of work that they make. */
#include "experiment/campaign.h"

#include "base/hash.h"
#include "base/pool.h"
#include "config/value.h"
#include "run/uses.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_JOBS = 16 };

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static const char *time_zone_of(const node *root)
{
  const node *value = node_get(root, "time_zone");
  return value && value->kind == NODE_SCALAR && !value_is_null(value) ? value->text : "UTC";
}

static int open_company(campaign *c, campaign_company *to, const experiment_company *as)
{
  *to = (campaign_company){.as = as};
  to->root = yaml_read_extended(as->profile, c->arena, c->problems, &to->files);
  if (!to->root) return 0;
  for (const char *const *set = c->options.session.settings; set && *set; set++)
    node_set(to->root, *set, c->arena, c->problems);
  to->zone = zone_open(time_zone_of(to->root)); /* a wrong one is told with the rest of the profile */
  to->cuts = arena_array(c->arena, (size_t)c->of.cut_count + 1, sizeof *to->cuts);
  for (uint32_t i = 0; i < c->of.cut_count; i++)
    to->cuts[i] = c->of.cuts[i].zoned ? c->of.cuts[i].at : zone_from_civil(to->zone, c->of.cuts[i].at);
  return 1;
}

static int asks_for(const campaign *c, measure_id id)
{
  for (uint32_t i = 0; i < c->measures.count; i++)
    if (c->measures.items[i].id == id) return 1;
  return 0;
}

static void find_jobs(campaign *c)
{
  int processors = pool_processors();
  c->jobs = c->options.jobs ? c->options.jobs : c->of.jobs;
  if (!c->jobs && asks_for(c, MEASURE_MEMORY)) c->jobs = 1;
  if (!c->jobs) c->jobs = processors < MOST_JOBS ? processors : MOST_JOBS;
  if (c->jobs > 1 && asks_for(c, MEASURE_MEMORY))
    problem_add(c->problems, EXIT_PROFILE, c->of.measure->place,
                "measure: memory can be told of one run at a time alone; expected `jobs: 1`, not %lld",
                (long long)c->jobs);
}

/* Of what is there for all, each run has its part. */
static void share_out(campaign *c)
{
  tarazu_options *each = &c->options.session;
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  int64_t threads = each->threads ? (int64_t)each->threads : pool_processors();
  if (each->memory <= 0 && pages > 0 && size > 0) each->memory = (int64_t)pages * size / 4;
  each->threads = (uint32_t)(threads > c->jobs ? threads / c->jobs : 1);
  each->memory /= c->jobs;
}

/* Stability needs something that a list can be held against. */
static void check_repeats(campaign *c)
{
  if (c->cuts * c->repeats > 1) return;
  for (uint32_t i = 0; i < c->measures.count; i++)
    if (asked_of_lists(&c->measures.items[i]))
      problem_add(c->problems, EXIT_PROFILE, c->measures.items[i].place,
                  "measure: %s compares several lists of a variant; expected several cut-offs, or repeat.seeds%s",
                  measure_list[c->measures.items[i].id].name,
                  c->measures.items[i].id == MEASURE_TURNOVER ? "" : ", or `between: samples`");
}

static void find_base(campaign *c)
{
  const char **labels = arena_array(c->arena, (size_t)c->variants.count + 1, sizeof *labels);
  if (!c->of.base) return;
  for (int64_t i = 0; i < c->variants.count; i++) {
    labels[i] = c->variants.items[i].label;
    if (strcmp(labels[i], c->of.base) != 0) continue;
    c->base = i;
    return;
  }
  problem_add(c->problems, EXIT_PROFILE, c->of.base_place, "base: there is no variant '%s'; expected one as '%s'",
              c->of.base, c->variants.items[0].label);
  problem_nearest(c->problems, c->of.base, labels, (size_t)c->variants.count);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void write_without(const node *map, const char *const *keys, text *out)
{
  int count = 0;
  text_add(out, "{");
  for (uint32_t i = 0; map && map->kind == NODE_MAP && i < map->count; i++) {
    const char *const *key = keys;
    while (*key && strcmp(*key, map->entries[i].key->text) != 0) key++;
    if (*key) continue;
    text_add(out, count++ ? ", " : "");
    text_add_json(out, map->entries[i].key->text);
    text_add(out, ": ");
    node_write_json(map->entries[i].value, out);
  }
  text_add(out, "}");
}

/* What the profile says that no result of an experiment hangs on. */
static const char *const idle_keys[] = {"output", "store", "confidence", "description", NULL};

/* As node_write_json, but `{plugin: topsis}` as `topsis`: they mean the same. */
static void write_canonical(const node *value, text *out)
{
  if (value->kind == NODE_MAP && value->count == 1 && !strcmp(value->entries[0].key->text, "plugin"))
    value = value->entries[0].value;
  if (value->kind != NODE_MAP) {
    node_write_json(value, out);
    return;
  }
  for (uint32_t i = 0; i < value->count; i++) {
    text_add(out, i ? ", " : "{");
    text_add_json(out, value->entries[i].key->text);
    text_add(out, ": ");
    write_canonical(value->entries[i].value, out);
  }
  text_add(out, value->count ? "}" : "{}");
}

static void write_settings(campaign *c)
{
  static const char *const words_alone[] = {"name", "description", "output", "store", "jobs", NULL};
  text out = {0};
  text_addf(&out, "{\"version\": \"%s\", \"experiment\": ", TARAZU_VERSION);
  write_without(c->of.root, words_alone, &out);
  text_add(&out, ", \"profiles\": {");
  for (uint32_t i = 0; i < c->of.company_count; i++) {
    text_add(&out, i ? ", " : "");
    text_add_json(&out, c->of.companies[i].name ? c->of.companies[i].name : "profile");
    text_add(&out, ": ");
    write_without(c->companies[i].root, idle_keys, &out);
  }
  text_add(&out, "}}");
  c->settings = arena_copy(c->arena, text_string(&out));
  hash_sha256(text_string(&out), out.length, c->key);
  text_free(&out);
}

/* Told once, and not of each variant. */
static int lock_holds(campaign *c)
{
  const tarazu_options *o = &c->options.session;
  lock only;
  if (!o->locked) return 1;
  if (!lock_read(c->of.path, c->arena, c->problems, &only)) return 0;
  const char *path = o->plugin_path ? o->plugin_path : plugin_path_default(c->arena);
  catalog *found = catalog_open_locked(path, plugin_cache_default(c->arena), &only);
  int good = catalog_check_lock(found, c->problems);
  catalog_free(found);
  return good;
}

int campaign_open(const char *path, const campaign_options *options, arena *home, problems *faults, campaign *c)
{
  *c = (campaign){.options = *options, .arena = home, .problems = faults};
  c->cache = cache_open(options->uncached ? NULL : options->cache, 0, 0);
  experiment_read(path, home, faults, &c->of);
  if (!c->of.root || !c->of.root->count) return 0;
  outcomes_read(c->of.outcomes, home, faults, &c->outcomes);
  if (c->of.measure) measures_read(c->of.measure, &c->outcomes, home, faults, &c->measures);
  else if (!node_get(c->of.root, "tarazu")) /* a profile was told to be one */
    problem_add(faults, EXIT_PROFILE, (place){.file = c->of.path},
                "'measure' is missing: what tells which variant is better, such as [{share_captured: OUTCOME}]");
  c->cuts = c->of.cut_count ? c->of.cut_count : 1;
  c->repeats = c->of.seed_count ? c->of.seed_count : 1;
  c->store = options->store ? options->store : c->of.store;
  find_jobs(c);
  share_out(c);
  if (!problems_errors(faults)) check_repeats(c);
  int varied = vary_find(&c->of, home, faults, &c->variants);
  if (varied) find_base(c);
  c->companies = arena_array(home, (size_t)c->of.company_count + 1, sizeof *c->companies);
  for (uint32_t i = 0; i < c->of.company_count; i++) open_company(c, &c->companies[i], &c->of.companies[i]);
  if (problems_errors(faults) || !varied) return 0;
  write_settings(c);
  return lock_holds(c);
}

void campaign_close(campaign *c)
{
  for (uint32_t i = 0; c->companies && i < c->of.company_count; i++) zone_free(c->companies[i].zone);
  cache_free(c->cache);
}

/* ---- units ------------------------------------------------------------------------------------------------------- */

int64_t campaign_units(const campaign *c)
{
  return (int64_t)c->of.company_count * c->cuts * c->repeats * c->variants.count;
}

campaign_unit campaign_unit_at(const campaign *c, int64_t index)
{
  campaign_unit unit = {.variant = index % c->variants.count};
  index /= c->variants.count;
  unit.repeat = (uint32_t)(index % c->repeats);
  index /= c->repeats;
  unit.cut = (uint32_t)(index % c->cuts);
  unit.company = (uint32_t)(index / c->cuts);
  return unit;
}

store_variant campaign_variant(const campaign *c, const campaign_unit *unit, int64_t number, arena *home)
{
  const campaign_company *company = &c->companies[unit->company];
  const char *label = c->variants.items[unit->variant].label;
  if (company->as->name) label = arena_format(home, "%s: %s", company->as->name, label);
  return (store_variant){.experiment = number,
                         .key = company->keys[unit->variant],
                         .label = label,
                         .repeat = unit->repeat,
                         .cut_off = c->of.backtest ? c->of.cuts[unit->cut].name : NULL};
}

resampling campaign_resampling(const campaign *c, int64_t customers)
{
  return (resampling){customers, c->of.bootstrap, c->of.bootstrap_seed};
}

session_trial campaign_trial(campaign *c, const campaign_company *company, const node *root, uint32_t cut)
{
  session_trial trial = {
      .root = root, .files = company->files, .backtest = c->of.backtest, .lock_of = c->of.path, .stop = &c->stop};
  if (c->of.backtest) {
    trial.as_of = company->cuts[cut];
    trial.as_of_place = c->of.cuts[cut].place;
  }
  return trial;
}

outcome_window campaign_window(campaign *c, const campaign_company *company, uint32_t cut)
{
  outcome_window w = {.path = company->as->profile,
                      .root = company->root,
                      .files = company->files,
                      .options = &c->options.session,
                      .backtest = c->of.backtest,
                      .lock_of = c->of.path,
                      .uses = c->options.uses,
                      .uses_home = c->arena,
                      .stop = &c->stop,
                      .cache = c->options.uncached ? NULL : c->cache};
  if (!c->of.backtest) return w;
  w.cut_off = company->cuts[cut];
  w.until = outcome_until(company->zone, w.cut_off, c->of.horizon);
  w.cut_off_place = c->of.cuts[cut].place;
  return w;
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

static int by_words(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The strategies that a plan uses, each with the hash of its file. */
static void add_plugins(campaign *c, tarazu_session *session, text *out)
{
  const plan *p = session_engine(session)->plan;
  const char **lines = arena_array(c->arena, (size_t)p->step_count + p->table_count + 1, sizeof *lines);
  size_t count = 0;
  for (uint32_t i = 0; i < p->step_count; i++)
    if (p->steps[i]->file)
      lines[count++] = arena_format(c->arena, "%s %s", p->steps[i]->strategy->id, p->steps[i]->file->sha256);
  for (uint32_t i = 0; i < p->table_count; i++)
    if (p->tables[i].file)
      lines[count++] = arena_format(c->arena, "%s %s", p->tables[i].source->id, p->tables[i].file->sha256);
  qsort(lines, count, sizeof *lines, by_words);
  for (size_t i = 0; i < count; i++)
    if (!i || strcmp(lines[i], lines[i - 1]) != 0) text_addf(out, "\nplugin %s", lines[i]);
}

static const char *key_of(campaign *c, const campaign_company *company, int64_t index, tarazu_session *session)
{
  text out = {0};
  char digest[65];
  text_addf(&out, "tarazu %s\ncompany %s\nsettings ", TARAZU_VERSION, company->as->name ? company->as->name : "");
  write_without(company->trees[index], idle_keys, &out);
  add_plugins(c, session, &out);
  if (session_data_digest(session, digest)) text_addf(&out, "\ndata %s", digest);
  hash_sha256(text_string(&out), out.length, digest);
  text_free(&out);
  return arena_copy(c->arena, digest);
}

/* Whether a tree can be run, as far as that can be told without data. What is wrong goes to `found`. */
static int check_tree(campaign *c, campaign_company *company, const node *root, int64_t index, problems *found)
{
  tarazu_session *session;
  session_trial trial = campaign_trial(c, company, root, 0);
  tarazu_options options = c->options.session;
  options.threads = 1; /* none is needed, and there may be thousands of variants */
  int good = session_open_trial(company->as->profile, &trial, &options, &session) == TARAZU_GOOD;
  if (session) {
    if (c->cache) session_use_cache(session, c->cache);
    good = tarazu_check(session) == TARAZU_GOOD && good;
    if (good) good = judge_check(&c->measures, session, NULL, found);
    if (good && index >= 0 && c->options.uses) uses_lock(session_engine(session)->plan, c->arena, c->options.uses);
    if (good && index >= 0) company->keys[index] = key_of(c, company, index, session);
    problems_take(found, session_problems(session), NULL, NULL);
  }
  tarazu_close(session);
  return good;
}

/* What is wrong with the profile as it is, so that it is not told as a variant's fault. */
static problems *usual_faults(campaign *c, campaign_company *company)
{
  problems *found = problems_new();
  check_tree(c, company, company->root, -1, found);
  return found;
}

static void check_variant(campaign *c, campaign_company *company, int64_t index, problems **usual)
{
  problems *found = problems_new();
  const char *label = c->variants.items[index].label;
  company->trees[index] = vary_lay(&c->variants, &c->variants.items[index], company->root, c->arena, found);
  if (company->trees[index]) check_tree(c, company, company->trees[index], index, found);
  if (problems_errors(found)) {
    if (!*usual) *usual = usual_faults(c, company);
    problems_take(c->problems, found, *usual,
                  company->as->name ? arena_format(c->arena, "in variant '%s' of %s", label, company->as->name)
                                    : arena_format(c->arena, "in variant '%s'", label));
  }
  problems_free(found);
}

static void check_company(campaign *c, campaign_company *company)
{
  problems *usual = NULL;
  node *root = vary_set(&c->of, company->root, c->arena, c->problems);
  if (!root) return;
  company->root = root;
  company->trees = arena_array(c->arena, (size_t)c->variants.count, sizeof *company->trees);
  company->keys = arena_array(c->arena, (size_t)c->variants.count, sizeof *company->keys);
  for (int64_t v = 0; v < c->variants.count && !atomic_load(&c->stop); v++) {
    check_variant(c, company, v, &usual);
    if (c->options.progress)
      c->options.progress(c->options.argument, "checking the variants", (double)(v + 1) / (double)c->variants.count);
  }
  problems_free(usual);
  if (problems_errors(c->problems)) return;
  outcome_window window = campaign_window(c, company, 0);
  outcomes_check(&c->outcomes, &window, 1, c->problems);
  outcomes_check(&c->measures.beside, &window, 0, c->problems);
}

/* The variant that is the first profile as it stands; the first one where none is. */
static void find_own(campaign *c)
{
  text own = {0};
  write_canonical(c->companies[0].root, &own);
  for (int64_t v = 0; v < c->variants.count && !c->of.base; v++) {
    text one = {0};
    write_canonical(c->companies[0].trees[v], &one);
    int same = !strcmp(text_string(&one), text_string(&own));
    text_free(&one);
    if (!same) continue;
    c->base = v;
    break;
  }
  text_free(&own);
}

int campaign_check(campaign *c)
{
  for (uint32_t i = 0; i < c->of.company_count; i++) check_company(c, &c->companies[i]);
  if (!problems_errors(c->problems) && !atomic_load(&c->stop)) find_own(c);
  if (atomic_load(&c->stop)) problem_add(c->problems, EXIT_CANCELLED, NOWHERE, "cancelled");
  return !problems_errors(c->problems);
}
