/* The plugins of a plan in the order of a run, and what a lock holds of them. */
#include "run/uses.h"

#include <string.h>

plugin_use *uses_of(const plan *p, arena *memory, uint32_t *count)
{
  uint32_t most = p->table_count + p->step_count + p->profile->output_count;
  plugin_use *uses = arena_array(memory, most + 1, sizeof *uses);
  *count = 0;
  for (uint32_t i = 0; i < p->table_count; i++)
    if (p->tables[i].source)
      uses[(*count)++] =
          (plugin_use){p->tables[i].profile->name, p->tables[i].source, p->tables[i].file, p->tables[i].isolated};
  for (uint32_t i = 0; i < p->step_count; i++)
    if (p->steps[i]->strategy)
      uses[(*count)++] =
          (plugin_use){p->steps[i]->name, p->steps[i]->strategy, p->steps[i]->file, p->steps[i]->isolated};
  for (uint32_t i = 0; i < p->profile->output_count; i++)
    uses[(*count)++] =
        (plugin_use){p->outputs[i].profile->to, p->outputs[i].sink, p->outputs[i].file, p->outputs[i].isolated};
  return uses;
}

void uses_lock(const plan *p, arena *memory, lock *out)
{
  uint32_t count;
  const plugin_use *uses = uses_of(p, memory, &count);
  for (uint32_t i = 0; i < count; i++) {
    const tarazu_strategy *s = uses[i].strategy;
    const plugin_file *file = uses[i].file;
    uint32_t minor = uses[i].isolated ? isolated_abi_minor(uses[i].isolated) : file->plugin->abi_minor;
    lock_add(out, arena_copy(memory, file->target), arena_copy(memory, file->sha256),
             arena_format(memory, "1.%u", minor), arena_format(memory, "%s/%s", role_name(s->role), s->id),
             arena_copy(memory, s->version), memory);
  }
}

void uses_warn_unused(const plan *p, const lock *held)
{
  uint32_t count;
  const plugin_use *uses = uses_of(p, p->arena, &count);
  for (uint32_t i = 0; i < held->count; i++) {
    const locked_plugin *as = &held->plugins[i];
    uint32_t k = 0;
    while (k < count && strcmp(uses[k].file->target, as->path) != 0) k++;
    if (k < count) continue;
    problem_warn(p->problems, as->place, "%s is locked, but %s does not use it", as->path, held->profile);
    problem_hint(p->problems, "`%s` leaves it out", held->command);
  }
}
