// What Swift cannot reach by itself: processor instructions, signal handlers, optional libraries, variadic system calls.
#pragma once

#include "lockstep_crash.h"
#include "lockstep_pmix.h"
#include "lockstep_poll.h"
#include "lockstep_process.h"
#include "lockstep_shared.h"
#include "lockstep_vectors.h"
