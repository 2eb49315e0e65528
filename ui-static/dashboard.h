/* dashboard.h - the dashboard's files, in the binary (made by ui-static/embed.mjs; without node at build time: none). */
#ifndef UI_STATIC_DASHBOARD_H
#define UI_STATIC_DASHBOARD_H

#include "http/files.h"

extern const struct files dashboard_files;

#endif
