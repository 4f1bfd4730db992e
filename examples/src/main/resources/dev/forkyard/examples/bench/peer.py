"""The other side of the benchmark: for each line of input does its case once, prints the seconds."""

import multiprocessing as mp
import subprocess
import sys
import time

WORKERS = 2
ITEM = b"x" * 100


def drain(queue, control):
    while True:
        count = control.recv()
        if count is None:
            return
        for _ in range(count):
            queue.get()
        control.send(count)


def queue_case(operations):
    queue = mp.Queue()
    control, other = mp.Pipe()
    consumer = mp.Process(target=drain, args=(queue, other), daemon=True)
    consumer.start()

    def measure():
        control.send(operations)
        for _ in range(operations):
            queue.put(ITEM)
        control.recv()

    def end():
        control.send(None)
        consumer.join()

    return measure, end


def same(number):
    return number


def map_case(operations):
    pool = mp.Pool(WORKERS)
    numbers = list(range(operations))

    def measure():
        results = pool.map(same, numbers)
        assert len(results) == operations

    def end():
        pool.close()
        pool.join()

    return measure, end


def start_case(operations):
    def measure():
        for _ in range(operations):
            subprocess.run(["/bin/true"], check=True)

    return measure, lambda: None


CASES = {"queue": queue_case, "map": map_case, "start": start_case}


def main():
    measure, end = CASES[sys.argv[1]](int(sys.argv[2]))
    for _ in sys.stdin:
        start = time.perf_counter()
        measure()
        print(time.perf_counter() - start, flush=True)
    end()


if __name__ == "__main__":
    main()
