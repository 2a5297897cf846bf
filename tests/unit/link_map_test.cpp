// The link map of a process from images of its memory: whole ones of either class, and damaged ones.
#include "launcher/os/link_map.h"

#include <doctest/doctest.h>

#include <random>

#include "launcher/os/memory_machine.h"
#include "launcher/os/process_files.h"
#include "tests/unit/process_image.h"

using namespace vgpu::os;
using vgpu::test::ProcessImage;
using State = LinkMap::State;

namespace {

const std::vector<ProcessImage::Object> kObjects = {
    {"", "", {"libc.so.6"}, {}},
    {"/opt/liba.so", "liba.so.1", {"libb.so.1", "libc.so.6"}, {"first", "second", "third"}},
    {"/lib/libc.so.6", "libc.so.6", {}, {}},
};

LinkMap read(ProcessImage& image) {
  MemoryMachine machine;
  machine.add_memory(7, ProcessImage::kBase, image.bytes());
  return read_link_map(**machine.memory(7), image.auxiliary());
}

std::optional<std::uint64_t> find(ProcessImage& image, const LinkedObject& object, const char* name) {
  MemoryMachine machine;
  machine.add_memory(7, ProcessImage::kBase, image.bytes());
  return find_symbol(**machine.memory(7), image.auxiliary().elf_class, object, name);
}

ProcessImage whole(int elf_class) {
  ProcessImage image(elf_class);
  image.build(kObjects);
  return image;
}

}  // namespace

TEST_CASE("the objects in look-up order, with what they are called and need") {
  for (const int elf_class : {64, 32}) {
    CAPTURE(elf_class);
    ProcessImage image = whole(elf_class);
    const LinkMap map = read(image);
    REQUIRE(map.state == State::complete);
    REQUIRE(map.objects.size() == 3);
    CHECK(map.objects[0].path.empty());
    CHECK(map.objects[1].path == "/opt/liba.so");
    CHECK(map.objects[1].soname == "liba.so.1");
    CHECK(map.objects[1].needed == std::vector<std::string>{"libb.so.1", "libc.so.6"});
    CHECK(map.objects[1].bias == ProcessImage::object_at(1));
    CHECK(map.objects[2].soname == "libc.so.6");
    CHECK(map.objects[2].name_space == 0);

    MemoryMachine machine;
    machine.add_memory(7, ProcessImage::kBase, image.bytes());
    CHECK(read_interpreter(**machine.memory(7), image.auxiliary()) == "/lib/ld-test.so.2");
  }
}

TEST_CASE("symbols by the hash table") {
  for (const int elf_class : {64, 32}) {
    CAPTURE(elf_class);
    ProcessImage image = whole(elf_class);
    const LinkMap map = read(image);
    const std::uint64_t base = ProcessImage::object_at(1);
    CHECK(find(image, map.objects[1], "first") == base + ProcessImage::kValue);
    CHECK(find(image, map.objects[1], "third") == base + ProcessImage::kValue + 2);
    CHECK_FALSE(find(image, map.objects[1], "fourth"));
    CHECK_FALSE(find(image, map.objects[2], "first"));
    // Needed, not defined.
    image.put(base + 0x400 + (elf_class == 64 ? sizeof(Elf64_Sym) + 6 : sizeof(Elf32_Sym) + 14), SHN_UNDEF, 2);
    CHECK_FALSE(find(image, map.objects[1], "first"));
    // No buckets; more than there can be; a filter that leads out of the memory; a chain without an end.
    image.put(base + 0x200, 0, 4);
    CHECK_FALSE(find(image, map.objects[1], "second"));
    image.put(base + 0x200, 0xffffffff, 4);
    CHECK_FALSE(find(image, map.objects[1], "second"));
    image.put(base + 0x200, 1, 4);
    image.put(base + 0x208, 0x100000, 4);
    CHECK_FALSE(find(image, map.objects[1], "second"));
    image.put(base + 0x208, 1, 4);
    CHECK(find(image, map.objects[1], "second"));
    image.put(base + 0x200 + 16 + image.width() + 4 + 8, 0, 4);
    CHECK_FALSE(find(image, map.objects[1], "fourth"));
  }
}

TEST_CASE("further name spaces") {
  for (const int elf_class : {64, 32}) {
    ProcessImage image = whole(elf_class);
    image.name_space(1, 2, {{"/opt/libz.so", "libz.so.1", {}, {}}}, 5);
    image.put(ProcessImage::kDebug, 2, 4);
    const std::uint64_t next = ProcessImage::kDebug + 5 * image.width();
    image.put_native(next, ProcessImage::kDebug + 0x100);
    LinkMap map = read(image);
    REQUIRE(map.state == State::complete);
    REQUIRE(map.objects.size() == 4);
    CHECK(map.objects[3].path == "/opt/libz.so");
    CHECK(map.objects[3].name_space == 1);
    // Version 1 has no such member.
    image.put(ProcessImage::kDebug, 1, 4);
    CHECK(read(image).objects.size() == 3);
    // One that leads back.
    image.put(ProcessImage::kDebug, 2, 4);
    image.put_native(next, ProcessImage::kDebug);
    map = read(image);
    CHECK(map.state == State::broken);
    CHECK(map.objects.empty());
  }
}

TEST_CASE("a linker that is not there, or still at work") {
  for (const int elf_class : {64, 32}) {
    ProcessImage image = whole(elf_class);
    image.put_native(ProcessImage::kDynamic + image.width(), 0);
    CHECK(read(image).state == State::not_ready);
    image = whole(elf_class);
    image.put_native(ProcessImage::kDebug + image.width(), 0);
    CHECK(read(image).state == State::not_ready);
    image = whole(elf_class);
    image.put(ProcessImage::kDebug + 3 * image.width(), 1, 4);  // RT_ADD
    CHECK(read(image).state == State::not_ready);
    image = whole(elf_class);
    image.put_native(ProcessImage::kDynamic, DT_NULL);
    CHECK(read(image).state == State::broken);

    const std::uint64_t size = image.auxiliary().program_header_size;
    image = whole(elf_class);
    image.put(ProcessImage::kHeaders + 2 * size, PT_NULL, 4);  // static
    CHECK(read(image).state == State::no_linker);
    image = whole(elf_class);
    image.put(ProcessImage::kHeaders + size, PT_NULL, 4);  // static, can be relocated
    CHECK(read(image).state == State::no_linker);
  }
}

TEST_CASE("the dynamic linker started as a program") {
  ProcessImage image(64);
  std::vector<ProcessImage::Object> objects = kObjects;
  objects[0].symbols = {"_r_debug"};
  image.build(objects);
  image.put(ProcessImage::kHeaders + sizeof(Elf64_Phdr), PT_NULL, 4);
  // Its own dynamic section is the first object's.
  image.put(ProcessImage::kHeaders + 2 * sizeof(Elf64_Phdr) + 16, ProcessImage::object_at(0) - ProcessImage::kBase, 8);
  image.put_native(ProcessImage::object_at(0) + 0x400 + sizeof(Elf64_Sym) + 8,
                   ProcessImage::kDebug - ProcessImage::kBase);
  // The table's address is an offset from where the program is, here kBase.
  for (std::uint64_t at = ProcessImage::object_at(0);; at += 16) {
    std::uint64_t tag = 0;
    std::memcpy(&tag, image.bytes().data() + (at - ProcessImage::kBase), 8);
    if (tag == DT_GNU_HASH) image.put_native(at + 8, ProcessImage::object_at(0) + 0x200);
    if (tag == DT_NULL) break;
  }
  const LinkMap map = read(image);
  CHECK(map.state == State::complete);
  CHECK(map.objects.size() == 3);
}

TEST_CASE("lists that lead nowhere or back") {
  for (const int elf_class : {64, 32}) {
    ProcessImage image = whole(elf_class);
    const std::uint64_t next = 3 * image.width();
    image.put_native(ProcessImage::map_at(2) + next, ProcessImage::map_at(0));
    CHECK(read(image).state == State::broken);
    for (const std::uint64_t address :
         {std::uint64_t{8}, ProcessImage::kBase + ProcessImage::kSize - 4, ~std::uint64_t{7}}) {
      image = whole(elf_class);
      image.put_native(ProcessImage::map_at(1) + next, address);
      CHECK(read(image).state == State::unreadable);
      image = whole(elf_class);
      image.put_native(ProcessImage::kDynamic + image.width(), address);
      CHECK(read(image).state == State::unreadable);
      image = whole(elf_class);
      std::memset(image.bytes().data() + image.bytes().size() - 8, 'x', 8);
      image.put_native(ProcessImage::map_at(1) + image.width(), address);      // its name
      image.put_native(ProcessImage::map_at(1) + 2 * image.width(), address);  // its dynamic section
      const LinkMap map = read(image);
      REQUIRE(map.state == State::complete);
      CHECK(map.objects[1].path == "?");
      CHECK(map.objects[1].soname.empty());
    }
    // A name without an end.
    image = whole(elf_class);
    image.put_native(ProcessImage::map_at(1) + image.width(), ProcessImage::kBase + 0x20000);
    std::memset(image.bytes().data() + 0x20000, 'x', 0x10000);
    CHECK(read(image).objects.at(1).path == "?");
  }
}

TEST_CASE("headers that make no sense") {
  ProcessImage image = whole(64);
  MemoryMachine machine;
  machine.add_memory(7, ProcessImage::kBase, image.bytes());
  const auto state = [&](AuxiliaryVector auxiliary) { return read_link_map(**machine.memory(7), auxiliary).state; };
  CHECK(state(image.auxiliary()) == State::complete);
  AuxiliaryVector auxiliary = image.auxiliary();
  auxiliary.program_header_count = 1 << 30;
  CHECK(state(auxiliary) == State::unreadable);
  auxiliary = image.auxiliary();
  auxiliary.program_header_size = 1;
  CHECK(state(auxiliary) == State::unreadable);
  auxiliary = image.auxiliary();
  auxiliary.program_headers = ~0ULL - 8;
  CHECK(state(auxiliary) == State::unreadable);
}

TEST_CASE("any damage ends in an answer") {
  std::mt19937 random(20240614);
  const auto any = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  for (int i = 0; i < 4000; ++i) {
    ProcessImage image = whole(i % 2 == 0 ? 64 : 32);
    for (std::size_t n = 1 + any(8); n > 0; --n) {
      // Where the structures are; sometimes an address that exists, which leads further than one that does not.
      const std::uint64_t at = ProcessImage::kBase + (any(3) == 0   ? any(0x400)
                                                      : any(2) == 0 ? 0x1000 + any(0x1500)
                                                                    : 0x8000 + any(0x2c00));
      if (any(2) == 0) {
        image.put(at, any(256), 1);
      } else {
        image.put_native(at & ~7ULL, ProcessImage::kBase + any(ProcessImage::kSize));
      }
    }
    const LinkMap map = read(image);
    CHECK(map.objects.size() <= 8192);
    for (const LinkedObject& object : map.objects) find(image, object, "first");
  }
}

TEST_CASE("the auxiliary vector tells the class") {
  const auto vector = [](auto word, std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) {
      const auto one = static_cast<decltype(word)>(value);
      bytes.append(reinterpret_cast<const char*>(&one), sizeof one);
    }
    return bytes;
  };
  for (const int secure : {0, 1}) {
    const auto wide =
        parse_auxiliary_vector(vector(std::uint64_t{}, {33, 4096, 3, 64, 4, 56, 5, 9, 7, 100, 23, secure, 0, 0}));
    REQUIRE(wide);
    CHECK(wide->elf_class == 64);
    CHECK(wide->program_headers == 64);
    CHECK(wide->program_header_size == 56);
    CHECK(wide->program_header_count == 9);
    CHECK(wide->loader == 100);
    CHECK(wide->secure == (secure == 1));
    const auto narrow = parse_auxiliary_vector(
        vector(std::uint32_t{}, {32, 4096, 33, 1, 3, 64, 4, 32, 5, 9, 7, 100, 23, secure, 0, 0}));
    REQUIRE(narrow);
    CHECK(narrow->elf_class == 32);
    CHECK(narrow->program_headers == 64);
    CHECK(narrow->secure == (secure == 1));
  }
  CHECK_FALSE(parse_auxiliary_vector(""));
  CHECK_FALSE(parse_auxiliary_vector("abc"));
  CHECK_FALSE(parse_auxiliary_vector(vector(std::uint64_t{}, {3, 64, 4, 56})));  // no end
  CHECK_FALSE(parse_auxiliary_vector(std::string(1000, '\xff')));
}

TEST_CASE("/proc/PID/stat, whatever the process calls itself") {
  const std::string rest = " S 12 10 10 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 10";
  for (const std::string name : {"sleep", "a) R 1 (b", "", ")", "((((", "x\ny"}) {
    const auto status = parse_process_status("4711 (" + name + ")" + rest + "\n");
    REQUIRE(status);
    CHECK(status->pid == 4711);
    CHECK(status->name == name);
    CHECK(status->state == 'S');
    CHECK(status->parent == 12);
    CHECK(status->start == 987654);
    CHECK_FALSE(status->kernel_thread);
    CHECK_FALSE(status->ended());
  }
  CHECK(parse_process_status("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0")->kernel_thread);
  CHECK(parse_process_status("5 (x) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 5 0")->ended());
  for (const char* text :
       {"", "(", ")(", "1 (x)", "1 (x) S", "1 (x) S 1 2 3", "x (x) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 5"}) {
    CHECK_FALSE(parse_process_status(text));
  }
}

TEST_CASE("/proc/PID/maps: files that have code mapped") {
  const std::vector<std::string> files = parse_mapped_code(
      "400000-401000 r--p 00000000 fe:00 12 /bin/a\n"
      "401000-402000 r-xp 00001000 fe:00 12                     /bin/a\n"
      "7f00-7f01 r-xp 00000000 fe:00 13 /opt/with space/b.so\n"
      "7f01-7f02 r-xp 00000000 fe:00 13 /opt/with space/b.so\n"
      "7f02-7f03 rw-p 00000000 fe:00 14 /opt/data\n"
      "7f03-7f04 r-xp 00000000 00:00 0 [vdso]\n"
      "7f04-7f05 r-xp 00000000 00:00 0 \n"
      "rubbish\n\n"
      "7f05-7f06 r-xp 00000000 fe:00 15 /opt/c.so (deleted)");
  CHECK(files == std::vector<std::string>{"/bin/a", "/opt/with space/b.so", "/opt/c.so (deleted)"});
  CHECK(parse_strings(std::string("a=b\0\0c", 6)) == std::vector<std::string>{"a=b", "", "c"});
}
