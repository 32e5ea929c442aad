"""The stores: the one door to Redis and to the pictures' files.

The gateway's stores are asynchronous, the worker's (`ClaimStore`) is synchronous; each operation exists once.
Every change of state is one Lua script in `lua/`, atomic and safe to replay.
"""
