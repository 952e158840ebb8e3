"""Runs a program, and prints its exit code, seconds, processor seconds, and KiB at its peak.

`python launch.py COMMAND…`. A process begins with the peak of the one that starts it: this is a
small one.
"""

import os
import subprocess
import sys
import time

with open("output.txt", "wb") as output:  # noqa: PTH123 - pathlib would make this a larger process
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=output, stderr=subprocess.STDOUT)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
