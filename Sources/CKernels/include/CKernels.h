// Vectorised loops over float arrays; one header per subject.
#pragma once

#include "kernels_activations.h"
#include "kernels_elementwise.h"
#include "kernels_images.h"
#include "kernels_random.h"
#include "kernels_rounding.h"
#include "kernels_rows.h"
#include "kernels_tokens.h"
