/* Asks for one more pass of learning for ever. */
#include "bad.h"

static size_t state_size(const void *self)
{
  (void)self;
  return 8;
}

static tarazu_status learn(const void *self, void *state, const tarazu_batch *batch, tarazu_error *error)
{
  (void)self, (void)state, (void)batch, (void)error;
  return TARAZU_OK;
}

static tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  (void)self, (void)into, (void)from, (void)error;
  return TARAZU_OK;
}

static tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  (void)self, (void)state, (void)error;
  *again = 1;
  return TARAZU_OK;
}

static const tarazu_strategy strategy = {SCORER("bad_endless"), .state_size = state_size, .learn = learn,
                                         .merge = merge,        .finish = finish,         .apply = copy_values};
PLUGIN(strategy);
