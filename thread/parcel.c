// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Parcels: what one Lua state sends to another, as bytes that only the Lua
 * half understands (pack_lua.c), and as objects that both will have. A parcel
 * has one owner at a time, so it needs no lock. The bytes are in chunks: no
 * value is too large as long as the account allows it.
 */
#include "lparcel.h"

#include <linux/errno.h>
#include <linux/sched.h>

#include "driver/account.h"
#include "driver/live.h"
#include "driver/memory.h"
#include "load/histogram.h"
#include "luadata/data.h"
#include "socket/socket.h"

/* A small value needs one small chunk; a large one few large ones. */
#define SMALLEST_CHUNK	256
#define LARGEST_CHUNK	(32 * 1024)

/**
 * struct lparcel_chunk - some bytes of a parcel
 * @link: in the parcel's list
 * @room: how many bytes there can be
 * @used: how many there are
 * @bytes: they
 */
struct lparcel_chunk {
	struct list_head link;
	size_t room;
	size_t used;
	u8 bytes[];
};

/**
 * struct lparcel_object - an object that a parcel carries
 * @link: in the parcel's list
 * @kind: what it is
 * @object: the parcel's reference to it
 */
struct lparcel_object {
	struct list_head link;
	enum lparcel_kind kind;
	void *object;
};

static void *lparcel_alloc(struct luadrv_account *account, size_t size)
{
	void *mem;

	if (luadrv_account_charge(account, luadrv_kvsize(size)))
		return NULL;
	mem = luadrv_kvmalloc(size, 0);
	if (!mem)
		luadrv_account_uncharge(account, luadrv_kvsize(size));
	return mem;
}

static void lparcel_dealloc(struct luadrv_account *account, void *mem, size_t size)
{
	luadrv_account_uncharge(account, luadrv_kvsize(size));
	kvfree(mem);
}

/**
 * lparcel_new() - make an empty parcel
 * @account: what it is charged to
 * @res: where it goes; the caller ends it with lparcel_free()
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lparcel_new(struct luadrv_account *account, struct lparcel **res)
{
	struct lparcel *parcel = lparcel_alloc(account, sizeof(*parcel));

	if (!parcel)
		return -ENOMEM;
	INIT_LIST_HEAD(&parcel->link);
	INIT_LIST_HEAD(&parcel->chunks);
	INIT_LIST_HEAD(&parcel->objects);
	parcel->account = luadrv_account_get(account);
	parcel->writing = NULL;
	parcel->at = 0;
	luadrv_live_add(LUADRV_LIVE_PARCELS, 1);
	*res = parcel;
	return 0;
}

static struct lparcel_chunk *first_chunk(struct lparcel *parcel)
{
	return list_first_entry_or_null(&parcel->chunks, struct lparcel_chunk, link);
}

static void free_chunk(struct lparcel *parcel, struct lparcel_chunk *chunk)
{
	if (parcel->writing == chunk)
		parcel->writing = NULL;
	list_del(&chunk->link);
	lparcel_dealloc(parcel->account, chunk, sizeof(*chunk) + chunk->room);
}

static struct lparcel_object *first_object(struct lparcel *parcel)
{
	return list_first_entry_or_null(&parcel->objects, struct lparcel_object, link);
}

/* Frees the record of an object, and gives the object. */
static void *free_object(struct lparcel *parcel, struct lparcel_object *record)
{
	void *object = record->object;

	list_del(&record->link);
	lparcel_dealloc(parcel->account, record, sizeof(*record));
	return object;
}

static void drop_object(struct lparcel *parcel, struct lparcel_object *record,
			struct list_head *more)
{
	enum lparcel_kind kind = record->kind;
	void *object = free_object(parcel, record);

	switch (kind) {
	case LPARCEL_SOCKET:
		lsock_drop(object);
		break;
	case LPARCEL_DATA:
		ldata_put(object);
		break;
	case LPARCEL_CHANNEL:
		lchannel_leave(object, more);
		break;
	case LPARCEL_TIMER:
		ltimer_put(object);
		break;
	case LPARCEL_HISTOGRAM:
		lhist_put(object);
		break;
	}
}

/**
 * lparcel_free_all() - free parcels, and those that they lead to
 * @parcels: the list of them; empty afterwards
 *
 * A parcel may hold the last reference to a channel, and that more parcels: a
 * list, not a recursion, since scripts decide how deep that goes.
 *
 * Context: Process context. May sleep.
 */
void lparcel_free_all(struct list_head *parcels)
{
	struct luadrv_account *account;
	struct lparcel_object *object;
	struct lparcel_chunk *chunk;
	struct lparcel *parcel;

	while (!list_empty(parcels)) {
		parcel = list_first_entry(parcels, struct lparcel, link);
		list_del(&parcel->link);
		while ((object = first_object(parcel)))
			drop_object(parcel, object, parcels);
		while ((chunk = first_chunk(parcel)))
			free_chunk(parcel, chunk);
		account = parcel->account;
		lparcel_dealloc(account, parcel, sizeof(*parcel));
		luadrv_account_put(account);
		luadrv_live_add(LUADRV_LIVE_PARCELS, -1);
		cond_resched();
	}
}

/**
 * lparcel_free() - free a parcel and what is still in it
 * @parcel: the parcel; in no queue
 *
 * Context: Process context. May sleep.
 */
void lparcel_free(struct lparcel *parcel)
{
	LIST_HEAD(parcels);

	list_add(&parcel->link, &parcels);
	lparcel_free_all(&parcels);
}

static size_t next_room(struct lparcel *parcel, size_t len)
{
	size_t size = SMALLEST_CHUNK;

	if (!list_empty(&parcel->chunks)) {
		struct lparcel_chunk *last = list_last_entry(&parcel->chunks,
							     struct lparcel_chunk, link);

		size = 2 * (sizeof(*last) + last->room);
	}
	while (size < LARGEST_CHUNK && size - sizeof(struct lparcel_chunk) < len)
		size *= 2;
	return min_t(size_t, size, LARGEST_CHUNK) - sizeof(struct lparcel_chunk);
}

static int add_chunk(struct lparcel *parcel, size_t len)
{
	size_t room = next_room(parcel, len);
	struct lparcel_chunk *chunk;

	chunk = lparcel_alloc(parcel->account, sizeof(*chunk) + room);
	if (!chunk)
		return -ENOMEM;
	chunk->room = room;
	chunk->used = 0;
	list_add_tail(&chunk->link, &parcel->chunks);
	if (!parcel->writing)
		parcel->writing = chunk;
	return 0;
}

/**
 * lparcel_reserve() - make room for bytes
 * @parcel: the parcel
 * @len: how many bytes the next call of lparcel_write() takes
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM, and it may be tried again.
 */
int lparcel_reserve(struct lparcel *parcel, size_t len)
{
	struct lparcel_chunk *chunk = parcel->writing;
	size_t room = 0;
	int err;

	if (chunk) {
		list_for_each_entry_from(chunk, &parcel->chunks, link)
			room += chunk->room - chunk->used;
	}
	while (room < len) {
		err = add_chunk(parcel, len - room);
		if (err)
			return err;
		room += list_last_entry(&parcel->chunks, struct lparcel_chunk, link)->room;
		cond_resched();
	}
	return 0;
}

/**
 * lparcel_write() - append bytes
 * @parcel: the parcel; has room for them
 * @bytes: the bytes
 * @len: how many
 *
 * Context: Process context. May sleep.
 */
void lparcel_write(struct lparcel *parcel, const void *bytes, size_t len)
{
	struct lparcel_chunk *chunk;
	size_t n;

	while (len) {
		chunk = parcel->writing;
		n = min(len, chunk->room - chunk->used);
		memcpy(chunk->bytes + chunk->used, bytes, n);
		chunk->used += n;
		bytes += n;
		len -= n;
		if (len)
			parcel->writing = list_next_entry(chunk, link);
		cond_resched();
	}
}

/* A reference of the parcel's own to @object or to a copy of it, or NULL. */
static void *share_object(struct lparcel *parcel, enum lparcel_kind kind, void *object)
{
	struct lhist *copy;
	struct ldata *view;

	switch (kind) {
	case LPARCEL_SOCKET:
		lsock_share(object);
		return object;
	case LPARCEL_CHANNEL:
		lchannel_get(object);
		return object;
	case LPARCEL_TIMER:
		ltimer_get(object);
		return object;
	case LPARCEL_DATA:
		if (ldata_segment(object, 0, ldata_size(object), &view))
			return NULL;
		return view;
	case LPARCEL_HISTOGRAM:
		if (lhist_copy(parcel->account, object, &copy))
			return NULL;
		return copy;
	}
	return NULL;
}

/**
 * lparcel_attach() - put an object into a parcel
 * @parcel: the parcel
 * @kind: what it is
 * @object: the object; the parcel takes a reference of its own, or a copy
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM.
 */
int lparcel_attach(struct lparcel *parcel, enum lparcel_kind kind, void *object)
{
	struct lparcel_object *record;

	record = lparcel_alloc(parcel->account, sizeof(*record));
	if (!record)
		return -ENOMEM;
	record->kind = kind;
	record->object = share_object(parcel, kind, object);
	if (!record->object) {
		lparcel_dealloc(parcel->account, record, sizeof(*record));
		return -ENOMEM;
	}
	list_add_tail(&record->link, &parcel->objects);
	return 0;
}

/**
 * lparcel_next() - the next bytes, where they are
 * @parcel: the parcel
 * @max: the most that are wanted
 * @len: where their number goes; 0 when there are none left
 *
 * Context: Process context. May sleep.
 * Return: the bytes; they are there until the next call of this or of
 * lparcel_read().
 */
const void *lparcel_next(struct lparcel *parcel, size_t max, size_t *len)
{
	struct lparcel_chunk *chunk;
	const void *bytes;

	while ((chunk = first_chunk(parcel)) && parcel->at == chunk->used) {
		free_chunk(parcel, chunk);
		parcel->at = 0;
		cond_resched();
	}
	if (!chunk) {
		*len = 0;
		return NULL;
	}
	*len = min(max, chunk->used - parcel->at);
	bytes = chunk->bytes + parcel->at;
	parcel->at += *len;
	return bytes;
}

/**
 * lparcel_read() - take the next bytes out
 * @parcel: the parcel
 * @bytes: where they go
 * @len: how many
 *
 * Context: Process context. May sleep.
 * Return: false when there are not as many.
 */
bool lparcel_read(struct lparcel *parcel, void *bytes, size_t len)
{
	const void *piece;
	size_t n;

	while (len) {
		piece = lparcel_next(parcel, len, &n);
		if (!n)
			return false;
		memcpy(bytes, piece, n);
		bytes += n;
		len -= n;
	}
	return true;
}

/**
 * lparcel_detach() - take the next object out
 * @parcel: the parcel
 * @kind: what it must be
 *
 * Context: Process context.
 * Return: the object, now the caller's; NULL when there is none of that kind.
 */
void *lparcel_detach(struct lparcel *parcel, enum lparcel_kind kind)
{
	struct lparcel_object *record = first_object(parcel);

	if (!record || record->kind != kind)
		return NULL;
	return free_object(parcel, record);
}
