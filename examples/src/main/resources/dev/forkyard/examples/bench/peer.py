"""The other side of the benchmark: for each line of input does its case once, prints the seconds.

A case may answer its seconds itself.
"""

import multiprocessing as mp
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

WORKERS = 2
ITEM = b"x" * 100
LARGE_ITEM = b"x" * (10 << 10)
LARGE_MESSAGE = b"x" * (64 << 10)
MANY = 4


def serve(control, work):
    while True:
        count = control.recv()
        if count is None:
            return
        work(count)
        control.send(count)


def take(queue, count):
    for _ in range(count):
        queue.get()


def put(queue, item, count):
    for _ in range(count):
        queue.put(item)


def drain(queue, control):
    serve(control, lambda count: take(queue, count))


def fill(queue, control):
    serve(control, lambda count: put(queue, ITEM, count))


def helper(target, *args):
    control, other = mp.Pipe()
    process = mp.Process(target=target, args=(*args, other), daemon=True)
    process.start()

    def end():
        control.send(None)
        process.join()

    return control, end


def one_to_one(make_queue, item):
    def case(operations):
        queue = make_queue()
        control, end = helper(drain, queue)

        def measure():
            control.send(operations)
            put(queue, item, operations)
            control.recv()

        return measure, end

    return case


def many_to_many(operations):
    queue = mp.Queue()
    helpers = [helper(target, queue) for target in (drain, fill) for _ in range(MANY)]

    def measure():
        for control, _ in helpers:
            control.send(operations // MANY)
        for control, _ in helpers:
            control.recv()

    def end():
        for _, end_one in helpers:
            end_one()

    return measure, end


def echo_queue(there, back):
    while True:
        back.put(there.get())


def median_of(operation, operations):
    def measure():
        seconds = []
        for _ in range(operations):
            start = time.perf_counter()
            operation()
            seconds.append(time.perf_counter() - start)
        return operations * statistics.median(seconds)

    return measure


def ping_pong(make_queue):
    def case(operations):
        there, back = make_queue(), make_queue()
        process = mp.Process(target=echo_queue, args=(there, back), daemon=True)
        process.start()

        def once():
            there.put(ITEM)
            back.get()

        return median_of(once, operations), process.kill

    return case


MANAGERS = []


def managed_queue():
    if not MANAGERS:
        MANAGERS.append(mp.Manager())
    return MANAGERS[0].Queue()


def count_messages(end, messages):
    while True:
        for _ in range(messages):
            end.recv()
        end.send(b"")


def one_way(message):
    def case(operations):
        end, other = mp.Pipe()
        process = mp.Process(target=count_messages, args=(other, operations), daemon=True)
        process.start()

        def measure():
            for _ in range(operations):
                end.send(message)
            end.recv()

        return measure, process.kill

    return case


def echo_pipe(end):
    while True:
        end.send(end.recv())


def round_trip(operations):
    end, other = mp.Pipe()
    process = mp.Process(target=echo_pipe, args=(other,), daemon=True)
    process.start()

    def once():
        end.send(ITEM)
        end.recv()

    return median_of(once, operations), process.kill


def connected(server, path):
    for _ in range(500):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection.makefile("rwb")
        except OSError:
            connection.close()
            if server.poll() is not None:
                break
            time.sleep(0.01)
    raise SystemExit("the peer's server did not start")


def served(arguments, cycle):
    """A case that runs cycles with a server of its own over a Unix socket."""

    def case(operations):
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, "s")
        server = subprocess.Popen(
            arguments(path, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        connection = connected(server, path)

        def measure():
            for _ in range(operations):
                cycle(connection)

        def end():
            server.kill()
            server.wait()
            shutil.rmtree(folder)

        return measure, end

    return case


def redis_arguments(path, folder):
    return ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder]


def redis_call(connection, *words):
    connection.write(b"*%d\r\n" % len(words))
    for word in words:
        connection.write(b"$%d\r\n%s\r\n" % (len(word), word))
    connection.flush()
    answer = connection.readline()
    if answer[:1] == b"$":
        connection.read(int(answer[1:]) + 2)
    assert answer[:1] in b":$", answer


def redis_cycle(connection):
    """Put, take into a list of what is being worked on, acknowledge."""
    redis_call(connection, b"LPUSH", b"q", ITEM)
    redis_call(connection, b"LMOVE", b"q", b"taken", b"RIGHT", b"LEFT")
    redis_call(connection, b"LREM", b"taken", b"1", ITEM)


def beanstalkd_cycle(connection):
    connection.write(b"put 0 0 60 %d\r\n%s\r\n" % (len(ITEM), ITEM))
    connection.flush()
    assert connection.readline().startswith(b"INSERTED")
    connection.write(b"reserve\r\n")
    connection.flush()
    _, job, size = connection.readline().split()
    connection.read(int(size) + 2)
    connection.write(b"delete %s\r\n" % job)
    connection.flush()
    assert connection.readline() == b"DELETED\r\n"


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
    calls = iter(numbers)
    return median_of(lambda: pool.apply(same, (next(calls),)), len(numbers))()


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
    "queue": one_to_one(mp.Queue, ITEM),
    "large_queue": one_to_one(mp.Queue, LARGE_ITEM),
    "queue4": many_to_many,
    "ping": ping_pong(mp.Queue),
    "managed_queue": one_to_one(managed_queue, ITEM),
    "managed_ping": ping_pong(managed_queue),
    "redis": served(redis_arguments, redis_cycle),
    "beanstalkd": served(lambda path, folder: ["beanstalkd", "-l", "unix:" + path], beanstalkd_cycle),
    "pipe": one_way(ITEM),
    "large_pipe": one_way(LARGE_MESSAGE),
    "trip": round_trip,
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
