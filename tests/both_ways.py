"""Whether tests run operations compiled, as by default, or by graphql-core: `KHAIBAO_COMPILED=false make test`."""

import os

COMPILED = os.environ.get("KHAIBAO_COMPILED", "true").lower() not in ("false", "0", "no", "off", "f", "n")
