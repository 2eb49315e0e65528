/* limits.h - everything has a limit; here they all are, each with its reason.
 *
 * Every limit has a problem that names it when it is reached. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* clang-format off */
enum {
    /* reading */
    LIMIT_FLOW_BYTES = 1024 * 1024,              /* a flow that people can still read is a hundredth of it */
    LIMIT_CONFIG_BYTES = 256 * 1024,             /* umlauf.yaml is written by hand */
    LIMIT_SECRET_BYTES = 64 * 1024,              /* a key with its certificates is some 10 KB */
    LIMIT_FLOW_FILES = 10 * 1000,                /* in the folder of flows: a city has some hundred */
    LIMIT_FOLDER_DEPTH = 16,                     /* folders in folders there */
    LIMIT_YAML_DEPTH = 64,                       /* recursion in our readers stays far from the stack's end */
    LIMIT_YAML_NODES = 200 * 1000,               /* after aliases are unfolded: no billion laughs */
    LIMIT_YAML_ANCHORS = 1000,                   /* each alias looks through all of them */
    LIMIT_DIAGNOSTICS = 200,                     /* more errors than anyone repairs in one sitting */
    LIMIT_JSON_DEPTH = 128,                      /* of any JSON that comes from outside */
    LIMIT_TASKS = 5000,                          /* in one flow */
    LIMIT_SPAN_YEARS = 200,                      /* calendar arithmetic stays inside 64 bits */

    /* evaluating */
    LIMIT_EXPRESSION_BYTES = 16 * 1024,          /* one expression's source */
    LIMIT_EXPRESSION_MS = 200,                   /* one evaluation holds the loop no longer */
    LIMIT_EXPRESSION_MEMORY = 128 * 1024 * 1024, /* what one may take on its way: some copies of a whole value */
    LIMIT_EXPRESSIONS = 20 * 1000,               /* in one flow: a few for each of its tasks */
    LIMIT_VALUE_BYTES = 8 * 1024 * 1024,         /* what one task hands to the next */

    /* checking against a schema */
    LIMIT_SCHEMA_NODES = 20 * 1000,              /* schemas within schemas in one document; the flow language has 500 */
    LIMIT_SCHEMA_DEPTH = 1000,                   /* schemas and data inside one another: far from the stack's end */
    LIMIT_SCHEMA_STEPS = 10 * 1000 * 1000,       /* 8 MB of numbers, each looked at twice; under a second */
    LIMIT_SCHEMA_FAILURES = 1000,                /* kept while the nearest of several shapes is looked for */
    LIMIT_PATTERN_BYTES = 4096,                  /* one regular expression */
    LIMIT_PATTERN_NESTING = 50,                  /* parentheses within parentheses */
    LIMIT_PATTERN_STEPS = 500 * 1000,            /* one comparison: some 20 ms, then it is a pattern without end */
    LIMIT_PATTERN_HEAP_KB = 32 * 1024,           /* what it may remember: an attachment in base64 by groups of four */

    /* running */
    LIMIT_FRAME_DEPTH = 64,                      /* a task in a task in a task */
    LIMIT_TURN_RECORDS = 512,                    /* then a run commits and lets others go first */
    LIMIT_RUN_RECORDS = 1000 * 1000,             /* a run that loops forever is stopped, not the house */
    LIMIT_RUN_MAILBOX = 64,                      /* messages waiting for one run while it commits */
    LIMIT_RUNS_IN_MEMORY = 20 * 1000,            /* active at once; sleeping ones are on disk */
    LIMIT_INBOX = 8192,                          /* accepted requests not yet committed; then 503 */
    LIMIT_CALLS_IN_FLIGHT = 512,                 /* open connections to other systems */

    /* keeping */
    LIMIT_RECORD_BYTES = 256 * 1024,             /* a record's body: numbers, a note of some names, the ids of runs started */
    LIMIT_PAYLOAD_BYTES = 32 * 1024 * 1024,      /* a record's data: a few values of LIMIT_VALUE_BYTES */
    LIMIT_COMMIT_RECORDS = 8192,                 /* in one transaction: those who wait for it wait some 100 ms at most */
    LIMIT_WAL_BYTES = 256 * 1024 * 1024,         /* the log beside the database, before it is forced into it */
    LIMIT_SEARCH_RUNS = 20 * 1000,               /* inputs one page of a search reads; the cursor goes on behind them */

    /* http in */
    LIMIT_BODY_BYTES = 4 * 1024 * 1024,          /* of a webhook or API request */
    LIMIT_CONNECTIONS = 1024,
    LIMIT_REASON_BYTES = 16 * 1024,              /* why somebody decided so: some pages */
    LIMIT_EVENT_FLOWS = 64,                      /* started by one event, in one commit */
    LIMIT_FORM_FIELDS = 5000,                    /* of a urlencoded body */
    LIMIT_HEADER_BYTES = 32 * 1024,              /* of a request: what libmicrohttpd keeps for one connection */
    LIMIT_REFUSED_BYTES = 16 * 1024 * 1024,      /* of a refused body, read so that the client hears why */
    LIMIT_ANSWER_BYTES = 64 * 1024 * 1024,       /* of one reply: a run with all that its tasks took and gave */
    LIMIT_STREAMS = 256,                         /* dashboards listening at once */
    LIMIT_STREAM_BUFFER = 256 * 1024,            /* a slower reader resumes by Last-Event-ID */

    /* http out */
    LIMIT_REPLY_BYTES = 8 * 1024 * 1024,         /* what a called system may answer */
    LIMIT_CALL_MS = 60 * 1000,                   /* a call without a timeout of its own */
    LIMIT_ATTACHMENT_BYTES = 25 * 1024 * 1024,   /* what mail servers usually take */
    LIMIT_TEMPLATE_BYTES = 256 * 1024,           /* a letter is written by hand */
    LIMIT_LETTER_DEPTH = 16,                     /* sections in sections of a letter */
    LIMIT_RECIPIENTS = 200,                      /* of one mail; more is a mailing, for which there are other programs */
    LIMIT_REDIRECTS = 10,                        /* as browsers do; more is a circle */
    LIMIT_REPLY_HEADER_BYTES = 64 * 1024,        /* of a called system */
    LIMIT_REQUEST_HEADERS = 100,                 /* to a called system */
    LIMIT_URL_BYTES = 16 * 1024,                 /* servers take half of it */
    LIMIT_DOCUMENT_FOLDERS = 32,                 /* above a document in a repository */
    LIMIT_SAME_NAMES = 99,                       /* "antrag (99).json": then something is wrong with the name */

    /* lists */
    LIMIT_PAGE = 200,                            /* items of one page of the API */
};
/* clang-format on */

#endif
