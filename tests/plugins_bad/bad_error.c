/* Says which row it cannot score. */
#include "bad.h"

static tarazu_status apply(const void *self, const tarazu_batch *batch, tarazu_result *const *results,
                           tarazu_error *error)
{
  (void)self, (void)results;
  error->row = batch->row_numbers ? batch->row_numbers[0] : batch->first_row;
  return tarazu_fail(error, TARAZU_BAD_DATA, "this customer cannot be scored");
}

static const tarazu_strategy strategy = {SCORER("bad_error"), .apply = apply};
PLUGIN(strategy);
