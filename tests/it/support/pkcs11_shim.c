/* SoftHSM as a token that is taken out and put back, and whose flags say what a test wants: it stands before the module, and goes by
 * files beside it. `removed`: no slot has a token. `flags`: more flags of the token, in hexadecimal. `no-sign`: no key may sign.
 * `calls`: what was called. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef MODULE
#error "MODULE is the path of SoftHSM's module"
#endif

typedef unsigned long number;
/* CK_FUNCTION_LIST of version 2.40. */
typedef struct { unsigned char version[2]; void *function[68]; } list;
typedef struct { number type; void *value; number length; } attribute;
enum { GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, LOGIN = 18, GET_ATTRIBUTES = 24, SIGN_INIT = 42 };
#define CKA_SIGN 0x108
#define DEVICE_REMOVED 0x32
/* In CK_TOKEN_INFO, behind four texts. */
#define FLAGS 96

static list *real, own;
static char folder[4000];

static FILE *beside(const char *name, const char *mode) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return fopen(path, mode);
}

static int exists(const char *name) {
  FILE *file = beside(name, "r");
  return file && !fclose(file);
}

static void called(const char *function) {
  FILE *file = beside("calls", "a");
  if (file) {
    fprintf(file, "%s\n", function);
    fclose(file);
  }
}

static number get_slot_list(unsigned char present, number *slots, number *count) {
  if (exists("removed")) {
    *count = 0;
    return 0;
  }
  return ((number (*)(unsigned char, number *, number *))real->function[GET_SLOT_LIST])(present, slots, count);
}

static number get_token_info(number slot, unsigned char *info) {
  number answer = ((number (*)(number, unsigned char *))real->function[GET_TOKEN_INFO])(slot, info), more = 0, flags;
  FILE *file = beside("flags", "r");
  if (file) {
    if (fscanf(file, "%lx", &more) != 1) more = 0;
    fclose(file);
    memcpy(&flags, info + FLAGS, sizeof flags);
    flags |= more;
    memcpy(info + FLAGS, &flags, sizeof flags);
  }
  return answer;
}

static number login(number session, number user, unsigned char *pin, number length) {
  called("C_Login");
  return ((number (*)(number, number, unsigned char *, number))real->function[LOGIN])(session, user, pin, length);
}

static number get_attributes(number session, number object, attribute *wanted, number count) {
  number (*get)(number, number, attribute *, number) =
      (number (*)(number, number, attribute *, number))real->function[GET_ATTRIBUTES];
  number answer = get(session, object, wanted, count);
  for (number at = 0; exists("no-sign") && at < count; at++)
    if (wanted[at].type == CKA_SIGN && wanted[at].value) *(char *)wanted[at].value = 0;
  return answer;
}

static number sign_init(number session, void *mechanism, number key) {
  if (exists("removed")) return DEVICE_REMOVED;
  return ((number (*)(number, void *, number))real->function[SIGN_INIT])(session, mechanism, key);
}

number C_GetFunctionList(list **out) {
  Dl_info self;
  char path[4096];
  dladdr((void *)C_GetFunctionList, &self);
  snprintf(folder, sizeof folder, "%s", self.dli_fname);
  *strrchr(folder, '/') = 0;
  snprintf(path, sizeof path, "%s/softhsm2.conf", folder);
  setenv("SOFTHSM2_CONF", path, 1);
  void *module = dlopen(MODULE, RTLD_NOW | RTLD_LOCAL);
  if (!module) return 5;
  number (*get)(list **) = (number (*)(list **))dlsym(module, "C_GetFunctionList");
  number answer = get(&real);
  if (answer) return answer;
  own = *real;
  own.function[GET_SLOT_LIST] = (void *)get_slot_list;
  own.function[GET_TOKEN_INFO] = (void *)get_token_info;
  own.function[LOGIN] = (void *)login;
  own.function[GET_ATTRIBUTES] = (void *)get_attributes;
  own.function[SIGN_INIT] = (void *)sign_init;
  *out = &own;
  return 0;
}
