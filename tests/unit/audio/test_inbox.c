#include "bridge/audio/inbox.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static struct inbox_packet packet_of(uint16_t sequence_number, uint16_t size)
{
    struct inbox_packet packet = {.sequence_number = sequence_number, .size = size};
    memset(packet.payload, sequence_number & 0xff, sizeof packet.payload);
    return packet;
}

static void a_closed_inbox_drops(void)
{
    struct inbox *inbox = inbox_new();
    struct inbox_packet packet = packet_of(1, 10);
    g_assert_false(inbox_push(inbox, &packet));
    inbox_set_open(inbox, true);
    g_assert_true(inbox_push(inbox, &packet));
    inbox_set_open(inbox, false);
    g_assert_false(inbox_push(inbox, &packet));
    inbox_unref(inbox);
}

static void packets_come_out_whole_and_in_order(void)
{
    struct inbox *inbox = inbox_new();
    inbox_set_open(inbox, true);
    for (uint16_t round = 0; round < 1000; round++) {
        struct inbox_packet in = packet_of(round, (uint16_t)(1 + round % INBOX_PAYLOAD_MAX));
        g_assert_true(inbox_push(inbox, &in));
        const struct inbox_packet *out = inbox_pop(inbox);
        g_assert_cmpuint(out->sequence_number, ==, round);
        g_assert_cmpmem(out->payload, out->size, in.payload, in.size);
        inbox_release(inbox);
        g_assert_null(inbox_pop(inbox));
    }
    inbox_unref(inbox);
}

static void a_full_inbox_refuses_and_keeps_what_it_has(void)
{
    struct inbox *inbox = inbox_new();
    inbox_set_open(inbox, true);
    struct inbox_packet packet = packet_of(0, 10);
    unsigned taken = 0;
    while (inbox_push(inbox, &packet))
        packet = packet_of((uint16_t)++taken, 10);
    g_assert_cmpuint(taken, ==, 64);
    for (unsigned i = 0; i < taken; i++) {
        g_assert_cmpuint(inbox_pop(inbox)->sequence_number, ==, i);
        inbox_release(inbox);
    }
    g_assert_null(inbox_pop(inbox));
    inbox_unref(inbox);
}

static void a_packet_of_a_wrong_size_is_dropped(void)
{
    struct inbox *inbox = inbox_new();
    inbox_set_open(inbox, true);
    struct inbox_packet packet = packet_of(1, INBOX_PAYLOAD_MAX);
    g_assert_true(inbox_push(inbox, &packet));
    packet.size = INBOX_PAYLOAD_MAX + 1;
    g_assert_false(inbox_push(inbox, &packet));
    packet.size = 0;
    g_assert_false(inbox_push(inbox, &packet));
    inbox_unref(inbox);
}

#define CROSSING 20000

static void *push_all(void *arg)
{
    struct inbox *inbox = arg;
    for (unsigned i = 0; i < CROSSING;) {
        struct inbox_packet packet = packet_of((uint16_t)i, (uint16_t)(1 + i % 200));
        if (inbox_push(inbox, &packet))
            i++;
        else
            g_thread_yield();
    }
    inbox_unref(inbox);
    return NULL;
}

static void two_threads_see_the_same_packets(void)
{
    struct inbox *inbox = inbox_new();
    pthread_t thread;
    inbox_set_open(inbox, true);
    g_assert_cmpint(pthread_create(&thread, NULL, push_all, inbox_ref(inbox)), ==, 0);
    for (unsigned i = 0; i < CROSSING;) {
        const struct inbox_packet *packet = inbox_pop(inbox);
        if (packet == NULL) {
            g_thread_yield();
            continue;
        }
        g_assert_cmpuint(packet->sequence_number, ==, (uint16_t)i);
        g_assert_cmpuint(packet->size, ==, 1 + i % 200);
        g_assert_cmpuint(packet->payload[packet->size - 1], ==, i & 0xff);
        inbox_release(inbox);
        i++;
    }
    pthread_join(thread, NULL);
    inbox_unref(inbox);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inbox/a_closed_inbox_drops", a_closed_inbox_drops);
    g_test_add_func("/inbox/packets_come_out_whole_and_in_order",
                    packets_come_out_whole_and_in_order);
    g_test_add_func("/inbox/a_full_inbox_refuses_and_keeps_what_it_has",
                    a_full_inbox_refuses_and_keeps_what_it_has);
    g_test_add_func("/inbox/a_packet_of_a_wrong_size_is_dropped",
                    a_packet_of_a_wrong_size_is_dropped);
    g_test_add_func("/inbox/two_threads_see_the_same_packets", two_threads_see_the_same_packets);
    return g_test_run();
}
