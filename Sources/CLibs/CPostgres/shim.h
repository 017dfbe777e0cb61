// Includes the headers of the system library; see the decision records for why.
#include <libpq-fe.h>
