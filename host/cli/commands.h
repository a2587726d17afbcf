/* commands.h: the commands of the program clact, one function each. */
#ifndef COMMANDS_H
#define COMMANDS_H

/* X(name, one line for `clact --help`); the order is the order of the help text. */
#define CLI_COMMANDS(X)                                                                            \
    X(devices, "show the OpenCL devices and which one is the default")                             \
    X(list, "show the activations: parameters, formula, derivative, error bounds")                 \
    X(apply, "activation of an array: IN.npy to OUT.npy")                                          \
    X(grad, "gradient of an activation: IN.npy and DY.npy to DX.npy")                              \
    X(plot, "draw activations, or the course of a training, as a picture or text")                 \
    X(verify, "prove the error bounds on a device")                                                \
    X(train, "train a small dense network on a table of data")                                     \
    X(predict, "what a trained model says of new rows")                                            \
    X(eval, "how well a trained model does on labelled rows")                                      \
    X(lab, "experiments on what an activation does to learning")                                   \
    X(tune, "measure what suits a device, and keep it")                                            \
    X(cache, "show or clear the folder of compiled kernels")

/* Each takes its own name as argv[0] and its arguments after it, understands --help, writes what
 * was asked for to stdout and errors to stderr, and returns a cli_exit of cli_common.h. */
#define CLI_DECLARE_COMMAND(name, text) int command_##name(int argc, char **argv);
CLI_COMMANDS(CLI_DECLARE_COMMAND)
#undef CLI_DECLARE_COMMAND

#endif
