/* The list, in plain sight. A new connector is a folder beside this file and a line here. */
#include "connectors/catalog.h"

#include "connectors/dms/dms.h"
#include "connectors/http/http.h"
#include "connectors/human/human.h"
#include "connectors/mail/mail.h"
#include "connectors/template/template.h"

const struct connector *const connector_catalog[] = {
    &dms_connector,  &http_connector,     &human_connector,
    &mail_connector, &template_connector, NULL,
};
