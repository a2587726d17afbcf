/* sweep_replica.c: the replica in the precision of a sweep. */
#include "sweep_replica.h"

void replica_forward(const clact_sweep *sweep, const replica *r) {
    (sweep->dtype == CLACT_F64 ? &replica_f64 : &replica_f32)->forward(sweep, r);
}

void replica_backward(const clact_sweep *sweep, const replica *r) {
    (sweep->dtype == CLACT_F64 ? &replica_f64 : &replica_f32)->backward(sweep, r);
}
