#define _GNU_SOURCE
#include "lockstep_poll.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int lockstep_poller(void) { return epoll_create1(EPOLL_CLOEXEC); }

int lockstep_poller_watch(int poller, int descriptor, int edges) {
  struct epoll_event event = {.events = edges ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : EPOLLIN};
  event.data.fd = descriptor;
  return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

void lockstep_poller_forget(int poller, int descriptor) { epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, NULL); }

void lockstep_poller_wait(int poller, int milliseconds) {
  struct epoll_event event;
  epoll_wait(poller, &event, 1, milliseconds);
}

int lockstep_event(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int lockstep_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }
