/* main.c - the program: everything is in engine/cli/commands.c. */
#include "cli/commands.h"

int main(int argc, char *argv[])
{
    return commands_main(argc, argv);
}
