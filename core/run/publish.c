/* Two steps, as for a bank: all sinks write and flush to temporary files beside their targets, and so are models
 * written; only then are these renamed. */
#include "run/publish.h"

#include "base/file.h"
#include "base/terminal.h"
#include "run/scratch.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 2048 };

/* A file that is to be. */
typedef struct parcel {
  const char *target;
  place place;      /* where the profile asks for it */
  char *temporary;  /* NULL: none was made, or it was renamed */
  int apart;        /* in a folder of its own, which is all that an isolated sink may write to */
  char *around;     /* that folder; NULL: none was made */
  mode_t rights;    /* of the file */
  const char *made; /* the topmost folder that was made for it; NULL: none was */
} parcel;

typedef struct delivery {
  const output_plan *plan;
  const tarazu_sink *sink;
  instance instance;
  step step;
  void *writer;
  parcel file;
  int is_screen, opened;
} delivery;

/* A parameter is the profile's fault, wherever a sink finds it out. */
static int output_failed(engine *e, const delivery *d, tarazu_status status, const tarazu_error *error)
{
  place to = d->plan->profile->to_place;
  int of_profile = status == TARAZU_BAD_PARAMETER;
  int ended = d->plan->isolated && isolated_fault(d->plan->isolated);
  problem_add(e->problems,
              of_profile ? EXIT_PROFILE
              : ended    ? EXIT_PLUGIN
                         : EXIT_OUTPUT,
              of_profile ? args_place(&d->plan->args, error, to) : to, "output '%s' to '%s': %s", d->plan->sink->id,
              d->file.target, error->message);
  return 0;
}

static int system_failed(engine *e, const parcel *file, const char *doing, int number)
{
  problem_add(e->problems, EXIT_OUTPUT, file->place, "cannot %s '%s': %s", doing, file->target, strerror(number));
  return 0;
}

/* ---- folders ----------------------------------------------------------------------------------------------- */

/* The topmost part of a path that is not there yet; NULL: all is. */
static const char *topmost_missing(engine *e, const char *path)
{
  const char *missing = NULL;
  for (const char *above; access(path, F_OK) != 0 && errno == ENOENT; path = above) {
    missing = path;
    above = file_folder(e->arena, path);
    if (!strcmp(above, path)) break;
  }
  return missing;
}

/* Those that were made for an output and are empty. */
static void remove_folders(engine *e, const parcel *file)
{
  const char *path = file->made ? file_folder(e->arena, file->target) : NULL;
  while (path && rmdir(path) == 0) path = strcmp(path, file->made) != 0 ? file_folder(e->arena, path) : NULL;
}

/* ---- temporary files --------------------------------------------------------------------------------------- */

/* A temporary file of that name in the folder, with the rights of the file that it will replace, or of a new one. */
static int make_temporary(engine *e, parcel *file, const char *folder, const char *name, const struct stat *replaced)
{
  char *path = arena_format(e->arena, "%s/.%s.XXXXXX", folder, name);
  if (file->apart) {
    if (!mkdtemp(path)) return system_failed(e, file, "write", errno);
    file->around = path;
    path = arena_format(e->arena, "%s/%s", path, name);
  }
  int descriptor = file->apart ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : mkstemp(path);
  if (descriptor < 0) return system_failed(e, file, "write", errno);
  mode_t mask = umask(0);
  umask(mask);
  file->rights = replaced ? replaced->st_mode & 0777 : 0666 & ~mask;
  fchmod(descriptor, file->rights);
  close(descriptor);
  file->temporary = path;
  return 1;
}

static void remove_temporary(parcel *file)
{
  if (file->temporary) unlink(file->temporary);
  if (file->around) folder_remove(file->around);
}

/* Beside the target, so that a rename is all that is left. */
static int make_beside(engine *e, parcel *file)
{
  struct stat there;
  const char *folder = file_folder(e->arena, file->target);
  file->made = topmost_missing(e, folder);
  int number = file_make_folders(folder);
  if (number) return system_failed(e, file, "make the folder of", number);
  int replaces = stat(file->target, &there) == 0;
  if (replaces && !S_ISREG(there.st_mode)) {
    problem_add(e->problems, EXIT_OUTPUT, file->place, "'%s' is there already and is no regular file", file->target);
    return 0;
  }
  return make_temporary(e, file, folder, file_name(file->target), replaces ? &there : NULL);
}

/* What lies where an isolated sink was to write could be anything that can be made there: it may be no more than a
 * file.
 */
static int is_plain_file(engine *e, const parcel *file)
{
  struct stat about;
  int descriptor = open(file->temporary, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int good = descriptor >= 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
             fchmod(descriptor, file->rights) == 0;
  if (descriptor >= 0) close(descriptor);
  if (!good)
    problem_add(e->problems, EXIT_PLUGIN, file->place, "'%s' cannot be written: its sink has left no file",
                file->target);
  return good;
}

static int put_in_place(engine *e, parcel *file)
{
  if (file->apart && !is_plain_file(e, file)) return 0; /* its sink may have had second thoughts */
  if (rename(file->temporary, file->target) != 0) return system_failed(e, file, "write", errno);
  file->temporary = NULL;
  return 1;
}

static int copy_to_screen(const char *path)
{
  char bytes[1 << 16];
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t count = -1;
  while (descriptor >= 0 && (count = read(descriptor, bytes, sizeof bytes)) > 0)
    for (ssize_t at = 0, once; at < count; at += once)
      if ((once = write(STDOUT_FILENO, bytes + at, (size_t)(count - at))) < 0) {
        int number = errno;
        close(descriptor);
        return number == EPIPE ? 0 : number; /* whoever read the screen went away: nothing is lost */
      }
  int number = count < 0 ? errno : 0;
  if (descriptor >= 0) close(descriptor);
  return number;
}

/* ---- one sink ---------------------------------------------------------------------------------------------- */

static void fill(engine *e, delivery *d, const output_plan *asked)
{
  d->plan = asked;
  d->sink = strategy_sink(asked->sink);
  d->file = (parcel){.target = asked->profile->to, .place = asked->profile->to_place, .apart = asked->isolated != NULL};
  d->is_screen = !strcmp(d->file.target, "-");
  d->step = (step){.name = asked->sink->id,
                   .subject = arena_format(e->arena, "output '%s'", asked->sink->id),
                   .place = asked->profile->place,
                   .strategy = asked->sink,
                   .file = asked->file,
                   .isolated = asked->isolated,
                   .args = asked->args};
  d->instance.step = &d->step;
}

/* From here on an isolated sink may write what is to be its file. 1, or 0 with a problem. */
static int begin_isolated(engine *e, const delivery *d)
{
  const isolate_access access = {.write = d->file.around};
  char why[ISOLATE_WHY];
  if (!d->plan->isolated || isolated_begin(d->plan->isolated, &access, why)) return 1;
  problem_add(e->problems, EXIT_PLUGIN, d->step.place, "%s: its sink %s", d->step.subject, why);
  return 0;
}

static int begin(engine *e, delivery *d, const output_plan *asked, const char *manifest)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  fill(e, d, asked);
  if (d->is_screen && !make_temporary(e, &d->file, e->scratch, "screen", NULL)) return 0;
  if (!d->is_screen && is_file(d->file.target) && !make_beside(e, &d->file)) return 0;
  if (!begin_isolated(e, d) || !instance_create(e, &d->instance)) return 0;
  int terminal = d->is_screen && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
  tarazu_target target = {.size = sizeof target,
                          .terminal = (uint32_t)terminal,
                          .location = d->file.temporary ? d->file.temporary : d->file.target,
                          .manifest = manifest,
                          .width = d->is_screen ? terminal_width(STDOUT_FILENO) : 0};
  engine_enter(&d->instance, "open");
  tarazu_status status = d->sink->open(d->instance.self, &target, &d->writer, &error);
  engine_leave();
  d->opened = 1;
  return status == TARAZU_OK || output_failed(e, d, status, &error);
}

static int write_rows(engine *e, delivery *d, const result_table *t, column *buffers, const tarazu_column **pointers,
                      tarazu_column *views)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  for (int64_t first = 0; first < t->rows; first += ROWS) {
    int64_t rows = t->rows - first < ROWS ? t->rows - first : ROWS;
    if (engine_stopped(e)) return 0;
    for (uint32_t i = 0; i < t->count; i++) {
      results_gather(t, i, first, rows, &buffers[i]);
      views[i] = column_window(&buffers[i], 0, rows, NULL);
      if (!buffers[i].nulls) views[i].valid = NULL;
      pointers[i] = &views[i];
    }
    tarazu_batch batch = {
        .size = sizeof batch, .first_row = first, .rows = rows, .columns = pointers, .column_count = t->count};
    engine_enter(&d->instance, "write");
    tarazu_status status = d->sink->write(d->instance.self, d->writer, &batch, &error);
    engine_leave();
    if (status != TARAZU_OK) return output_failed(e, d, status, &error);
    engine_progress(e, "writing", (double)(first + rows) / (double)t->rows);
  }
  return 1;
}

static int write_table(engine *e, delivery *d, const result_table *t)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  tarazu_bound *bound = calloc(t->count + 1, sizeof *bound);
  column *buffers = calloc(t->count + 1, sizeof *buffers);
  const tarazu_column **pointers = calloc(t->count + 1, sizeof *pointers);
  tarazu_column *views = calloc(t->count + 1, sizeof *views);
  int good = bound && buffers && pointers && views;
  for (uint32_t i = 0; good && i < t->count; i++) {
    bound[i] = t->columns[i].as;
    good = column_new(&buffers[i], bound[i].type, ROWS, 1);
  }
  if (!good) {
    tarazu_fail(&error, TARAZU_NO_MEMORY, "no memory to write with");
    output_failed(e, d, TARAZU_NO_MEMORY, &error);
  } else {
    tarazu_table as = {.size = sizeof as,
                       .kind = t->kind,
                       .name = t->name,
                       .rows = t->rows,
                       .columns = {bound, t->count, sizeof *bound}};
    engine_enter(&d->instance, "table");
    tarazu_status status = d->sink->table(d->instance.self, d->writer, &as, &error);
    engine_leave();
    good = status == TARAZU_OK ? write_rows(e, d, t, buffers, pointers, views) : output_failed(e, d, status, &error);
  }
  for (uint32_t i = 0; buffers && i < t->count; i++) column_free(&buffers[i]);
  free(bound);
  free(buffers);
  free(pointers);
  free(views);
  return good;
}

static int prepare(engine *e, delivery *d, const results *r)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  const result_table *tables[] = {&r->customers, &r->criteria, &r->facts};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    if (d->sink->tables & tables[i]->kind && !write_table(e, d, tables[i])) return 0;
  engine_enter(&d->instance, "prepare");
  tarazu_status status = d->sink->prepare(d->instance.self, d->writer, &error);
  engine_leave();
  if (status != TARAZU_OK) return output_failed(e, d, status, &error);
  return !d->file.apart || !d->file.temporary || is_plain_file(e, &d->file);
}

static int reveal(engine *e, delivery *d)
{
  tarazu_error error = {.size = sizeof error, .row = -1, .param = -1, .item = -1};
  if (d->file.temporary && !d->is_screen && !put_in_place(e, &d->file)) return 0;
  engine_enter(&d->instance, "commit");
  tarazu_status status = d->sink->commit ? d->sink->commit(d->instance.self, d->writer, &error) : TARAZU_OK;
  engine_leave();
  return status == TARAZU_OK || output_failed(e, d, status, &error);
}

static void end(delivery *d)
{
  if (d->opened) {
    engine_enter(&d->instance, "close");
    d->sink->close(d->instance.self, d->writer);
    engine_leave();
  }
  instance_destroy(&d->instance);
  remove_temporary(&d->file);
}

/* ---- models ------------------------------------------------------------------------------------------------ */

static int write_model(engine *e, const saved_model *m, parcel *file)
{
  *file = (parcel){.target = m->to};
  if (!make_beside(e, file)) return 0;
  int descriptor = open(file->temporary, O_WRONLY | O_CLOEXEC), number = descriptor < 0 ? errno : 0;
  ssize_t once = 0;
  for (size_t at = 0; !number && at < m->count; at += (size_t)once)
    if ((once = write(descriptor, m->bytes + at, m->count - at)) < 0) {
      if (errno != EINTR) number = errno;
      once = 0;
    }
  if (descriptor >= 0 && close(descriptor) != 0 && !number) number = errno;
  return !number || system_failed(e, file, "write", number);
}

static int write_models(engine *e, parcel *files)
{
  for (uint32_t i = 0; i < e->saved_count; i++)
    if (e->saved[i].bytes && !write_model(e, &e->saved[i], &files[i])) return 0;
  return 1;
}

/* ---- all --------------------------------------------------------------------------------------------------- */

/* out/scores.csv gives out/scores.manifest.json. */
static const char *manifest_of(engine *e, const char *target)
{
  const char *name = file_name(target), *dot = strrchr(name, '.');
  size_t stem = dot && dot > name ? (size_t)(dot - target) : strlen(target);
  return arena_format(e->arena, "%.*s.manifest.json", (int)stem, target);
}

/* The manifest is renamed into place first: a result file never stands without it. */
static int reveal_all(engine *e, delivery *all, uint32_t count, parcel *models, const char *manifest,
                      const companion *with, const char **manifest_path)
{
  for (uint32_t i = 0; i < count && !*manifest_path; i++)
    if (all[i].file.temporary && !all[i].is_screen) *manifest_path = manifest_of(e, all[i].file.target);
  if (*manifest_path) {
    int number = file_write(*manifest_path, manifest, strlen(manifest));
    if (number) {
      problem_add(e->problems, EXIT_OUTPUT, NOWHERE, "cannot write the manifest '%s': %s", *manifest_path,
                  strerror(number));
      return 0;
    }
  }
  for (uint32_t i = 0; i < e->saved_count; i++)
    if (models[i].temporary && !put_in_place(e, &models[i])) return 0;
  for (uint32_t i = 0; i < count; i++)
    if (!reveal(e, &all[i])) return 0;
  if (with && !with->commit(with->argument)) return 0;
  for (uint32_t i = 0; i < count; i++) {
    int number = all[i].is_screen ? copy_to_screen(all[i].file.temporary) : 0;
    if (number) return system_failed(e, &all[i].file, "write to", number);
  }
  return 1;
}

int publish_check(engine *e)
{
  const plan *p = e->plan;
  int good = 1;
  for (uint32_t i = 0; i < p->profile->output_count; i++) {
    delivery *d = arena_alloc(e->arena, sizeof *d);
    fill(e, d, &p->outputs[i]);
    good &= instance_create(e, &d->instance);
    end(d);
  }
  return good;
}

int publish(engine *e, const results *r, const char *manifest, const companion *with, const char **manifest_path)
{
  const plan *p = e->plan;
  uint32_t count = p->profile->output_count;
  delivery *all = arena_array(e->arena, count + 1, sizeof *all);
  parcel *models = arena_array(e->arena, e->saved_count + 1, sizeof *models);
  int good = 1;
  *manifest_path = NULL;
  for (uint32_t i = 0; good && i < count; i++)
    good = begin(e, &all[i], &p->outputs[i], manifest) && prepare(e, &all[i], r);
  good = good && write_models(e, models) && !engine_stopped(e) && (!with || with->prepare(with->argument)) &&
         !engine_stopped(e) && reveal_all(e, all, count, models, manifest, with, manifest_path);
  if (!good && atomic_load(e->cancelled) && !problems_errors(e->problems))
    problem_add(e->problems, EXIT_CANCELLED, NOWHERE, "cancelled");
  for (uint32_t i = 0; i < count; i++)
    if (all[i].plan) end(&all[i]);
  for (uint32_t i = 0; i < e->saved_count; i++) remove_temporary(&models[i]);
  for (uint32_t i = e->saved_count; !good && i-- > 0;) remove_folders(e, &models[i]);
  for (uint32_t i = count; !good && i-- > 0;) remove_folders(e, &all[i].file);
  return good;
}
