/* verify_judge.h: one result against the oracle, and results added up. */
#ifndef CLACT_VERIFY_VERIFY_JUDGE_H
#define CLACT_VERIFY_VERIFY_JUDGE_H

#include "verify.h"

/* Whether f follows the sign of x through zero, so that the sign of a zero result counts. */
bool judge_follows_sign(const verify_case *c);

/* Fills p->exact, ulps and wrong_sign from its input, dy and got. False where nothing is
 * promised. */
bool judge_point(const verify_case *c, verify_point *p);

/* Counts p as compared. */
void judge_count(verify_result *result, const verify_point *p, double bound);

/* Takes p for the worst if it is worse, or as bad and earlier. `first` if there is none yet. */
void judge_worst(verify_result *result, const verify_point *p, bool first);

/* Counts a failure, and keeps it if it is one of the first. */
void judge_failure(verify_result *result, const verify_point *p);

/* Adds the counts, checksums and points of `part` to *whole. */
void judge_merge(verify_result *whole, const verify_result *part);

#endif
