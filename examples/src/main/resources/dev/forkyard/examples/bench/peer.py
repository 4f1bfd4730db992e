"""The other side of the benchmark: for each line of input does its case once, prints the seconds.

A case may answer its seconds itself.
"""

import multiprocessing as mp
import statistics
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


def pool_case(work):
    def case(operations):
        pool = mp.Pool(WORKERS)
        numbers = list(range(operations))

        def end():
            pool.close()
            pool.join()

        return lambda: work(pool, numbers), end

    return case


def map_default(pool, numbers):
    assert len(pool.map(same, numbers)) == len(numbers)


def map_one_by_one(pool, numbers):
    assert len(pool.map(same, numbers, 1)) == len(numbers)


def lazy_map(pool, numbers):
    assert sum(1 for _ in pool.imap_unordered(same, numbers)) == len(numbers)


def apply_async(pool, numbers):
    for result in [pool.apply_async(same, (number,)) for number in numbers]:
        result.get()


def apply(pool, numbers):
    seconds = []
    for number in numbers:
        start = time.perf_counter()
        pool.apply(same, (number,))
        seconds.append(time.perf_counter() - start)
    return len(numbers) * statistics.median(seconds)


def processes_case(method):
    def case(operations):
        context = mp.get_context(method)

        def measure():
            for number in range(operations):
                process = context.Process(target=same, args=(number,))
                process.start()
                process.join()

        return measure, lambda: None

    return case


def start_case(operations):
    def measure():
        for _ in range(operations):
            subprocess.run(["/bin/true"], check=True)

    return measure, lambda: None


CASES = {
    "queue": queue_case,
    "map": pool_case(map_default),
    "map1": pool_case(map_one_by_one),
    "imap1": pool_case(lazy_map),
    "apply_async": pool_case(apply_async),
    "apply": pool_case(apply),
    "fork": processes_case("fork"),
    "spawn": processes_case("spawn"),
    "start": start_case,
}


def main():
    measure, end = CASES[sys.argv[1]](int(sys.argv[2]))
    for _ in sys.stdin:
        start = time.perf_counter()
        median = measure()
        print(median or time.perf_counter() - start, flush=True)
    end()


if __name__ == "__main__":
    main()
