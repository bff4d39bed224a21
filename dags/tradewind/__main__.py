"""`python -m tradewind`."""

import signal
import sys

# until a command runs, Ctrl-C ends this without a word; nohup has it ignored
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from tradewind.cli import main

if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
    signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
