/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Stand-ins for the kernel's headers, all in one: every <linux/...>, <net/...>
 * and <asm/...> that a source includes leads here. One task, one processor, no
 * device: what a call would wait for is up to the fuzzer (world.h). What the
 * real kernel would complain about (a sleep under a lock, a lock taken twice,
 * a count below zero) ends the run.
 */
#ifndef _FUZZ_KERNEL_KERNEL_H
#define _FUZZ_KERNEL_KERNEL_H

#ifdef __ASSEMBLER__
#define SYM_FUNC_START(name)	.globl name; .type name, @function; name:
#define SYM_FUNC_END(name)	.size name, . - name
	.section .note.GNU-stack,"",@progbits
	.text
#define RET			ret
#else

#include "libc.h"
#include "types.h"
#include "world.h"

#define KBUILD_MODNAME	"luadrv"
#define IS_ENABLED(CONFIG_option)	0
/* The user-space sanitizer has the same call (lua/longjmp.c). */
#if __has_feature(address_sanitizer)
#define CONFIG_KASAN_STACK
#define CONFIG_KASAN_GENERIC
#define kasan_mem_to_shadow(p)	((void *)(((unsigned long)(p) >> 3) + 0x7fff8000UL))
#endif

/* The C library does not have it. */
#define EPOLLNVAL	0x20

/* Numbers and bits */

#define SZ_1K		1024
#define SZ_16K		(16 * 1024)
#define SZ_64K		(64 * 1024)
#define SZ_1M		(1024 * 1024)
#define SZ_64M		(64 * 1024 * 1024)
#define SZ_1G		(1024 * 1024 * 1024)
#define PAGE_SIZE	4096UL
#define NSEC_PER_SEC	1000000000L
#define MSEC_PER_SEC	1000L
#define USEC_PER_MSEC	1000L
#define NSEC_PER_USEC	1000L
#define U8_MAX		0xff
#define U16_MAX		0xffff
#define U32_MAX		0xffffffffU
#define U64_MAX		0xffffffffffffffffULL
#define S32_MAX		0x7fffffff
#define S64_MAX		0x7fffffffffffffffLL
#define KTIME_MAX	S64_MAX
#define BIT(n)		(1UL << (n))
#define BIT_ULL(n)	(1ULL << (n))
#define fls64(n)	((n) ? 64 - __builtin_clzll(n) : 0)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define min(a, b)	({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b)	({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })
#define min3(a, b, c)	min((typeof(a))min(a, b), c)
#define max3(a, b, c)	max((typeof(a))max(a, b), c)
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define swab16(x)	__builtin_bswap16(x)
#define swab32(x)	__builtin_bswap32(x)
#define swab64(x)	__builtin_bswap64(x)
#define be16_to_cpup(p)	swab16(*(const u16 *)(p))
#define PAGE_ALIGN(n)	(((n) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define roundup_pow_of_two(n)	(1UL << (64 - __builtin_clzl((n) - 1)))
#define is_power_of_2(n)	((n) && !((n) & ((n) - 1)))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define div_u64(n, d)	((u64)(n) / (d))
#define div64_u64(n, d)	((u64)(n) / (u64)(d))
/* There is one processor. */
#define smp_mb()	((void)0)
#define div_u64_rem(n, d, r)	(*(r) = (u64)(n) % (d), (u64)(n) / (d))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#undef static_assert
#define static_assert(c)	_Static_assert(c, #c)
#define BUILD_BUG_ON(c)	_Static_assert(!(c), #c)
#define cmpxchg(p, o, n) \
	({ typeof(*(p)) _old = *(p); if (_old == (o)) *(p) = (n); _old; })
#define swap(a, b)	do { typeof(a) _a = (a); (a) = (b); (b) = _a; } while (0)
#define xchg(p, v)	({ typeof(*(p)) _old = *(p); *(p) = (v); _old; })

#define kstrtouint(text, base, value)	(*(value) = strtoul(text, NULL, base), 0)

static inline int isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline int hex_to_bin(int c)
{
	return isdigit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

#define isxdigit(c)	(hex_to_bin(c) >= 0)

static inline int iscntrl(int c)
{
	return (unsigned char)c < 32 || (unsigned char)c == 127;
}

static inline void strscpy(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

static inline int kstrtoint(const char *s, unsigned int base, int *res)
{
	char *end;
	long n = strtol(s, &end, base);

	if (*end || end == s)
		return -EINVAL;
	if (n != (int)n)
		return -ERANGE;
	*res = (int)n;
	return 0;
}

/* <linux/err.h> */
#define ERESTARTSYS		512
#define ERESTARTNOINTR		513
#define ERESTARTNOHAND		514
#define ENOIOCTLCMD		515
#define ERESTART_RESTARTBLOCK	516
#define IS_ERR(p)	((unsigned long)(p) >= -4095UL)
#define PTR_ERR(p)	((long)(p))
#define ERR_PTR(e)	((void *)(long)(e))
#define PTR_ERR_OR_ZERO(p)	(IS_ERR(p) ? PTR_ERR(p) : 0)

/* Memory */

#define GFP_KERNEL		1
#define GFP_KERNEL_ACCOUNT	1
#define __GFP_NOWARN		0
#define __GFP_RETRY_MAYFAIL	0
#define __GFP_NORETRY		0
#define __GFP_ZERO		2
#define kmalloc(n, gfp)		world_alloc(n, (gfp) & __GFP_ZERO)
#define __vmalloc(n, gfp)	kmalloc(n, gfp)
#define kzalloc(n, gfp)		world_alloc(n, true)
#define kvmalloc(n, gfp)	world_alloc(n, false)
#define kvzalloc(n, gfp)	world_alloc(n, true)
#define krealloc(p, n, gfp)	world_realloc(p, n)
#define kfree(p)		world_free(p)
#define kvfree(p)		world_free(p)
#define is_vmalloc_addr(p)	false

/* Counts */

typedef struct { long n; } atomic_long_t;
typedef struct { long long n; } atomic64_t;
typedef struct { int n; } atomic_t;
typedef struct { int n; } refcount_t;
struct kref { refcount_t refcount; };

#define atomic_long_add(i, v)	((void)((v)->n += (i)))
#define atomic_long_sub(i, v)	((void)((v)->n -= (i)))
#define atomic_long_read(v)	((v)->n)
#define atomic64_set(v, i)	((void)((v)->n = (i)))
#define atomic64_read(v)	((v)->n)
#define atomic64_sub_return(i, v)	((v)->n -= (i))
#define atomic_set(v, i)	((void)((v)->n = (i)))
#define atomic_read(v)		((v)->n)
#define atomic_inc(v)		((void)((v)->n++))
#define atomic_dec_and_test(v)	(world_check(--(v)->n >= 0, "atomic_t below zero"), !(v)->n)
#define atomic_long_try_cmpxchg(v, o, new)	((void)(o), (v)->n = (new), true)
#define atomic_dec(v)		world_check(--(v)->n >= 0, "atomic_t below zero")
#define atomic_add_unless(v, i, u)	((v)->n == (u) ? false : ((v)->n += (i), true))
#define refcount_set(r, i)	((void)((r)->n = (i)))
#define refcount_inc(r)		world_check((r)->n++ > 0, "refcount_t: taken from zero")

static inline bool refcount_dec_and_test(refcount_t *r)
{
	world_check(r->n > 0, "refcount_t: below zero");
	return !--r->n;
}

#define kref_init(k)		refcount_set(&(k)->refcount, 1)
#define kref_get(k)		refcount_inc(&(k)->refcount)

static inline void kref_put(struct kref *k, void (*release)(struct kref *k))
{
	if (refcount_dec_and_test(&k->refcount))
		release(k);
}

/* Locks */

struct mutex { bool held; };
#define DEFINE_MUTEX(l)		struct mutex l
#define mutex_trylock(l)	((l)->held ? false : (mutex_lock(l), true))
typedef struct { bool held; } spinlock_t, raw_spinlock_t, seqlock_t;

#define DEFINE_SPINLOCK(l)	spinlock_t l
#define spin_lock_init(l)	((void)((l)->held = false))
#define raw_spin_lock_init(l)	spin_lock_init(l)
#define spin_lock(l)		world_lock(&(l)->held, true)
#define spin_unlock(l)		world_unlock(&(l)->held, true)
#define write_seqlock(l)	spin_lock(l)
#define write_sequnlock(l)	spin_unlock(l)
#define spin_lock_irq(l)	(world_irqs_off(), spin_lock(l))
#define spin_unlock_irq(l)	(spin_unlock(l), world_irqs_on())
#define spin_lock_irqsave(l, f)	((f) = 0, spin_lock_irq(l))
#define spin_unlock_irqrestore(l, f)	((void)(f), spin_unlock_irq(l))
#define raw_spin_lock_irqsave(l, f)	spin_lock_irqsave(l, f)
#define raw_spin_unlock_irqrestore(l, f)	spin_unlock_irqrestore(l, f)
#define mutex_init(l)		((void)((l)->held = false))
#define mutex_lock(l)		(world_may_sleep(), world_lock(&(l)->held, false))
#define mutex_unlock(l)		world_unlock(&(l)->held, false)
#define lockdep_assert_held(l)	world_check((l)->held, "lock is not held")

/* Lists */

struct list_head { struct list_head *next, *prev; };
#define LIST_HEAD(l)		struct list_head l = { &(l), &(l) }

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l->prev = l;
}

static inline void list_add(struct list_head *n, struct list_head *head)
{
	n->next = head->next;
	n->prev = head;
	head->next->prev = n;
	head->next = n;
}

static inline void list_del_init(struct list_head *n)
{
	world_check(n->next->prev == n && n->prev->next == n, "list is broken");
	n->next->prev = n->prev;
	n->prev->next = n->next;
	INIT_LIST_HEAD(n);
}

static inline void list_del(struct list_head *n)
{
	list_del_init(n);
	n->next = n->prev = NULL;	/* as the kernel's poison */
}

#define list_empty(l)		((l)->next == (l))
#define list_empty_careful(l)	list_empty(l)
#define list_add_tail(n, head)	list_add(n, (head)->prev)

static inline void list_move(struct list_head *n, struct list_head *head)
{
	list_del_init(n);
	list_add(n, head);
}

static inline void list_splice_tail_init(struct list_head *from, struct list_head *to)
{
	struct list_head *n;

	while (!list_empty(from)) {
		n = from->next;
		list_del_init(n);
		list_add_tail(n, to);
	}
}

struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
#define hlist_entry(n, type, member)	container_of(n, type, member)
#define hlist_entry_safe(n, type, member) \
	({ struct hlist_node *_n = (n); _n ? hlist_entry(_n, type, member) : NULL; })

static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *head)
{
	n->next = head->first;
	if (n->next)
		n->next->pprev = &n->next;
	head->first = n;
	n->pprev = &head->first;
}

static inline void hlist_del(struct hlist_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
}
#define list_entry(p, type, member)	container_of(p, type, member)
#define list_first_entry(head, type, member)	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)	list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_entry((head)->next, typeof(*pos), member);	\
	     &pos->member != (head);					\
	     pos = list_entry(pos->member.next, typeof(*pos), member))
#define list_next_entry(pos, member)	list_entry((pos)->member.next, typeof(*(pos)), member)
#define list_for_each_entry_from(pos, head, member)			\
	for (; &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member)			\
	for (pos = list_entry((head)->next, typeof(*pos), member),	\
	     n = list_entry(pos->member.next, typeof(*pos), member);	\
	     &pos->member != (head);					\
	     pos = n, n = list_entry(n->member.next, typeof(*n), member))

/* Checksums, bit by bit */

typedef u32 __wsum;
typedef u16 __sum16;

static inline __sum16 csum_fold(__wsum sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

static inline __wsum csum_partial(const void *bytes, int size, __wsum sum)
{
	const u8 *at = bytes;

	for (int i = 0; i < size; i++)
		sum = (u16)~csum_fold(sum) + ((u32)at[i] << i % 2 * 8);
	return sum;
}

static inline u32 world_crc(u32 crc, const u8 *at, size_t size, u32 polynomial)
{
	while (size--) {
		crc ^= *at++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
	}
	return crc;
}

#define crc32_le(crc, bytes, size)	world_crc(crc, bytes, size, 0xedb88320)
#define crc32c(crc, bytes, size)	world_crc(crc, bytes, size, 0x82f63b78)

#include "task.h"
#include "wait.h"
#include "proc.h"
#include "net.h"

#endif
#endif
