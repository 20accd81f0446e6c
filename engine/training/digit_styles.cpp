// The stroke tables. Points were placed by looking at how digits are written, not taken from any data set.
#include "engine/training/digit_styles.h"

#include <cassert>

namespace convlens::training {
namespace {

constexpr PenMove G = PenMove::kStart;
constexpr PenMove S = PenMove::kSmooth;
constexpr PenMove C = PenMove::kCorner;

constexpr PenPoint kZero1[] = {{38, 4, G},  {18, 10, S}, {5, 34, S},  {4, 62, S}, {15, 90, S}, {32, 98, S},
                               {52, 88, S}, {62, 60, S}, {58, 26, S}, {44, 6, S}, {32, 3, S}};
constexpr PenPoint kZero2[] = {{40, 14, G}, {22, 2, S},  {4, 30, S}, {6, 70, S}, {24, 97, S},
                               {50, 80, S}, {56, 40, S}, {40, 8, S}, {18, 8, S}};
constexpr PenPoint kZero3[] = {{40, 4, G},  {21, 5, S},  {7, 24, S},  {2, 53, S},  {9, 80, S}, {24, 96, S},
                               {43, 95, S}, {57, 76, S}, {62, 47, S}, {55, 20, S}, {40, 4, S}};
constexpr PenPoint kZero4[] = {{32, 2, G},  {16, 11, S}, {9, 36, S},  {10, 72, S}, {20, 93, S}, {37, 97, S},
                               {51, 84, S}, {56, 55, S}, {52, 21, S}, {41, 4, S},  {23, 5, S}};
constexpr PenPoint kZero5[] = {{52, 8, G},  {29, 2, S},  {6, 13, S},  {-7, 38, S}, {-6, 66, S}, {9, 89, S},
                               {32, 98, S}, {55, 89, S}, {70, 66, S}, {71, 38, S}, {58, 13, S}};
constexpr PenPoint kZero6[] = {{20, 5, G},  {4, 23, S},  {-2, 51, S}, {5, 78, S}, {22, 94, S}, {42, 94, S},
                               {58, 78, S}, {64, 51, S}, {59, 25, S}, {43, 8, S}, {24, 7, S},  {8, 22, S}};
constexpr PenPoint kZero7[] = {{41, 3, G},  {13, 5, S},  {-5, 22, S}, {-12, 49, S}, {-6, 77, S}, {12, 94, S},
                               {39, 98, S}, {62, 87, S}, {74, 65, S}, {74, 34, S},  {61, 12, S}};
constexpr PenPoint kZero8[] = {{39, 5, G},  {25, 5, S},  {14, 27, S}, {12, 60, S}, {20, 88, S},
                               {33, 98, S}, {46, 85, S}, {52, 55, S}, {48, 23, S}, {37, 4, S}};
constexpr PenPoint kZero9[] = {{32, 2, G},  {52, 11, S}, {64, 35, S}, {64, 65, S}, {52, 89, S}, {32, 98, S},
                               {12, 89, S}, {0, 65, S},  {0, 35, S},  {12, 11, S}, {32, 2, S}};
constexpr PenPoint kZero10[] = {{58, 0, G},  {34, 4, S},  {12, 22, S}, {4, 54, S},  {16, 86, S},
                                {38, 98, S}, {58, 82, S}, {64, 50, S}, {54, 18, S}, {36, 4, S}};
constexpr PenPoint kZero11[] = {{34, 26, G}, {24, 8, S},  {8, 26, S},  {4, 58, S}, {18, 90, S}, {38, 98, S},
                                {58, 80, S}, {62, 46, S}, {48, 12, S}, {28, 2, S}, {16, 12, S}};
constexpr PenPoint kZero12[] = {{20, 0, G},  {12, 20, S}, {4, 54, S},  {14, 88, S}, {34, 98, S},
                                {56, 84, S}, {62, 50, S}, {50, 18, S}, {30, 10, S}, {10, 26, S}};
constexpr PenPoint kZero13[] = {{42, 8, G},  {20, 8, S},  {4, 34, S}, {4, 66, S}, {22, 96, S}, {48, 94, S},
                                {66, 66, S}, {64, 30, S}, {44, 6, S}, {24, 2, S}, {6, 18, S}};
constexpr PenPoint kZero14[] = {{30, 20, G}, {40, 4, S}, {60, 24, S}, {62, 64, S}, {42, 97, S},
                                {18, 90, S}, {6, 60, S}, {12, 24, S}, {36, 4, S},  {60, 0, S}};
constexpr PenPoint kZero15[] = {{52, 14, G}, {36, 3, S},  {14, 14, S}, {4, 44, S},  {12, 80, S},
                                {34, 98, S}, {58, 86, S}, {66, 56, S}, {62, 28, S}, {54, 16, S}};
constexpr PenPoint kZero16[] = {{20, 8, G},  {6, 38, S},  {10, 76, S}, {34, 98, S},
                                {60, 84, S}, {68, 50, S}, {60, 20, S}, {42, 4, S}};
constexpr PenPoint kZero17[] = {{56, 6, G},  {34, 10, S}, {12, 34, S}, {4, 66, S}, {18, 94, S}, {46, 94, S},
                                {68, 68, S}, {72, 36, S}, {58, 12, S}, {40, 8, S}, {30, 16, S}};
constexpr DigitStyle kZero[] = {{1, kZero1},  {1, kZero2},  {3, kZero3},  {2, kZero4},  {2, kZero5},  {2, kZero6},
                                {1, kZero7},  {1, kZero8},  {1, kZero9},  {2, kZero10}, {1, kZero11}, {1, kZero12},
                                {1, kZero13}, {1, kZero14}, {2, kZero15}, {1, kZero16}, {1, kZero17}};

constexpr PenPoint kOne1[] = {{30, 2, G}, {30, 34, S}, {29, 66, S}, {30, 98, S}};
constexpr PenPoint kOne2[] = {{34, 2, G}, {28, 50, S}, {24, 98, S}};
constexpr PenPoint kOne3[] = {{12, 24, G}, {32, 3, C}, {32, 50, S}, {31, 98, S}};
constexpr PenPoint kOne4[] = {{14, 20, G}, {24, 14, S}, {32, 3, C}, {31, 98, S}, {8, 98, G}, {32, 97, S}, {56, 98, S}};
constexpr DigitStyle kOne[] = {{5, kOne1}, {2, kOne2}, {2, kOne3}, {1, kOne4}};

constexpr PenPoint kTwo1[] = {{6, 24, G},  {18, 6, S}, {40, 4, S},  {52, 22, S}, {42, 50, S},
                              {22, 76, S}, {4, 95, C}, {30, 94, S}, {60, 94, S}};
constexpr PenPoint kTwo2[] = {{8, 22, G}, {24, 4, S}, {46, 8, S},  {52, 28, S}, {38, 58, S}, {18, 86, S},
                              {6, 90, S}, {8, 79, S}, {20, 78, S}, {36, 90, S}, {50, 96, S}, {64, 88, S}};
constexpr PenPoint kTwo3[] = {{4, 16, G}, {24, 4, S},  {46, 12, S}, {46, 38, S}, {28, 70, S},
                              {8, 94, C}, {22, 88, S}, {40, 94, S}, {62, 96, S}};
constexpr PenPoint kTwo4[] = {{10, 20, G}, {30, 3, S}, {52, 18, S}, {46, 46, S}, {20, 80, S}, {4, 94, C}, {62, 86, S}};
constexpr PenPoint kTwo5[] = {{8, 12, G},  {36, 3, S}, {54, 14, S}, {48, 44, S}, {30, 72, S},
                              {14, 92, S}, {8, 84, S}, {24, 82, S}, {44, 92, S}, {70, 84, S}};
constexpr PenPoint kTwo6[] = {{10, 30, G}, {24, 6, S}, {48, 6, S},  {56, 30, S}, {40, 60, S}, {20, 86, S},
                              {6, 88, S},  {4, 72, S}, {20, 62, S}, {36, 76, S}, {50, 92, S}, {74, 90, S}};
constexpr PenPoint kTwo7[] = {{12, 20, G}, {34, 3, S},  {54, 20, S}, {52, 50, S}, {36, 84, S}, {14, 96, S},
                              {4, 80, S},  {16, 64, S}, {34, 72, S}, {52, 92, S}, {74, 84, S}};
constexpr PenPoint kTwo8[] = {{20, 14, G}, {34, 4, S},  {44, 14, S}, {38, 40, S},
                              {24, 70, S}, {10, 92, C}, {40, 90, S}, {80, 86, S}};
constexpr PenPoint kTwo9[] = {{4, 26, G},  {26, 8, S},  {44, 16, S}, {38, 46, S}, {22, 74, S},
                              {10, 92, C}, {30, 84, S}, {50, 88, S}, {72, 94, S}};
constexpr PenPoint kTwo10[] = {{16, 28, G}, {10, 14, S}, {30, 2, S},  {52, 18, S}, {40, 50, S},
                               {18, 78, S}, {4, 94, C},  {36, 92, S}, {66, 84, S}};
constexpr DigitStyle kTwo[] = {{3, kTwo1}, {3, kTwo2}, {2, kTwo3}, {1, kTwo4}, {1, kTwo5},
                               {2, kTwo6}, {1, kTwo7}, {1, kTwo8}, {2, kTwo9}, {1, kTwo10}};

constexpr PenPoint kThree1[] = {{8, 14, G},  {28, 3, S},  {48, 10, S}, {48, 30, S}, {24, 46, C},
                                {50, 54, S}, {58, 76, S}, {40, 96, S}, {18, 97, S}, {4, 84, S}};
constexpr PenPoint kThree2[] = {{8, 8, G},   {30, 3, S},  {50, 8, S},  {44, 28, S}, {22, 44, C},
                                {46, 48, S}, {58, 68, S}, {46, 92, S}, {22, 98, S}, {2, 92, S}};
constexpr PenPoint kThree3[] = {{8, 12, G},  {30, 3, S},  {48, 14, S}, {40, 38, S}, {24, 46, S}, {22, 49, S},
                                {44, 50, S}, {56, 70, S}, {44, 94, S}, {20, 98, S}, {4, 86, S}};
constexpr PenPoint kThree4[] = {{8, 6, G},   {30, 5, S},  {54, 4, C},  {26, 42, C},
                                {50, 50, S}, {56, 76, S}, {38, 97, S}, {8, 90, S}};
constexpr PenPoint kThree5[] = {{4, 10, G},  {26, 3, S},  {42, 14, S}, {36, 36, S}, {20, 44, S},
                                {32, 46, S}, {50, 60, S}, {46, 86, S}, {24, 98, S}, {2, 94, S}};
constexpr PenPoint kThree6[] = {{20, 26, G}, {8, 14, S},  {28, 2, S},  {50, 12, S}, {46, 34, S}, {26, 46, C},
                                {48, 54, S}, {56, 74, S}, {40, 96, S}, {16, 96, S}, {6, 80, S}};
constexpr PenPoint kThree7[] = {{4, 12, G},  {24, 3, S},  {44, 12, S}, {40, 32, S}, {22, 46, C},
                                {44, 52, S}, {50, 70, S}, {36, 90, S}, {10, 98, S}};
constexpr PenPoint kThree8[] = {{8, 8, G},   {36, 4, S},  {58, 6, S},  {44, 28, S}, {28, 40, C},
                                {52, 48, S}, {58, 70, S}, {40, 92, S}, {6, 98, S}};
constexpr DigitStyle kThree[] = {{3, kThree1}, {2, kThree2}, {2, kThree3}, {1, kThree4},
                                 {1, kThree5}, {1, kThree6}, {1, kThree7}, {1, kThree8}};

constexpr PenPoint kFour1[] = {{14, 6, G},  {8, 36, S}, {12, 52, S}, {32, 54, S},
                               {60, 48, S}, {52, 4, G}, {48, 50, S}, {44, 98, S}};
constexpr PenPoint kFour2[] = {{14, 4, G}, {6, 52, C}, {34, 52, S}, {64, 50, S}, {48, 4, G}, {46, 50, S}, {44, 98, S}};
constexpr PenPoint kFour3[] = {{46, 98, G}, {47, 50, S}, {48, 4, C}, {26, 34, S}, {4, 62, C}, {34, 63, S}, {66, 62, S}};
constexpr PenPoint kFour4[] = {{18, 6, G},  {10, 30, S}, {8, 50, S},  {24, 56, S}, {44, 48, S},
                               {54, 34, S}, {58, 4, G},  {54, 40, S}, {48, 98, S}};
constexpr PenPoint kFour5[] = {{42, 3, G}, {22, 34, S}, {4, 58, C}, {36, 60, S}, {68, 56, S}, {46, 30, G}, {44, 98, S}};
constexpr PenPoint kFour6[] = {{12, 10, G}, {8, 40, S},  {18, 54, S}, {40, 50, S},
                               {56, 12, C}, {52, 50, S}, {48, 98, S}};
constexpr PenPoint kFour7[] = {{40, 4, G},  {16, 30, S}, {6, 54, C},  {36, 58, S},
                               {60, 54, S}, {52, 10, G}, {46, 60, S}, {42, 98, S}};
constexpr PenPoint kFour8[] = {{16, 6, G}, {10, 44, S}, {36, 50, S}, {60, 44, S}, {60, 8, G}, {52, 50, S}, {48, 98, S}};
constexpr DigitStyle kFour[] = {{3, kFour1}, {2, kFour2}, {2, kFour3}, {2, kFour4},
                                {1, kFour5}, {1, kFour6}, {1, kFour7}, {1, kFour8}};

constexpr PenPoint kFive1[] = {{14, 5, G},  {10, 42, C}, {30, 36, S}, {54, 48, S}, {56, 76, S},
                               {34, 97, S}, {6, 90, S},  {14, 6, G},  {36, 5, S},  {60, 3, S}};
constexpr PenPoint kFive2[] = {{58, 4, G},  {36, 6, S},  {18, 6, C},  {12, 44, C}, {32, 38, S},
                               {54, 50, S}, {54, 80, S}, {30, 97, S}, {6, 88, S}};
constexpr PenPoint kFive3[] = {{60, 6, G},  {34, 6, S},  {20, 12, S}, {14, 36, S}, {32, 46, S},
                               {48, 60, S}, {46, 86, S}, {26, 98, S}, {4, 90, S}};
constexpr PenPoint kFive4[] = {{20, 8, G},  {14, 44, C}, {38, 42, S}, {54, 60, S}, {46, 88, S},
                               {22, 98, S}, {4, 94, S},  {20, 8, G},  {68, 6, S}};
constexpr PenPoint kFive5[] = {{62, 4, G},  {26, 8, C},  {18, 40, S}, {36, 44, S}, {48, 58, S},
                               {42, 82, S}, {24, 96, S}, {10, 94, S}, {8, 82, S}};
constexpr PenPoint kFive6[] = {{60, 4, G},  {28, 10, C}, {22, 40, S}, {40, 50, S},
                               {46, 70, S}, {34, 92, S}, {10, 96, S}};
constexpr PenPoint kFive7[] = {{24, 6, G},  {16, 36, C}, {36, 34, S}, {54, 50, S}, {50, 80, S},
                               {26, 98, S}, {4, 84, S},  {24, 8, G},  {62, 14, S}};
constexpr PenPoint kFive8[] = {{58, 6, G},  {22, 8, C},  {16, 40, C}, {40, 36, S}, {56, 54, S},
                               {52, 80, S}, {30, 96, S}, {12, 88, S}, {8, 74, S}};
constexpr PenPoint kFive9[] = {{60, 4, G},  {24, 8, S},  {16, 38, C}, {38, 34, S}, {58, 50, S},
                               {60, 76, S}, {38, 97, S}, {14, 90, S}, {12, 70, S}};
constexpr PenPoint kFive10[] = {{50, 10, G}, {16, 12, C}, {12, 46, C}, {34, 42, S}, {48, 56, S}, {46, 80, S},
                                {28, 96, S}, {4, 92, S},  {16, 12, G}, {40, 10, S}, {70, 2, S}};
constexpr DigitStyle kFive[] = {{3, kFive1}, {3, kFive2}, {2, kFive3}, {1, kFive4}, {1, kFive5},
                                {2, kFive6}, {1, kFive7}, {2, kFive8}, {1, kFive9}, {1, kFive10}};

constexpr PenPoint kSix1[] = {{46, 4, G},  {24, 22, S}, {8, 56, S},  {10, 84, S}, {28, 98, S},
                              {48, 88, S}, {50, 68, S}, {34, 56, S}, {14, 66, S}};
constexpr PenPoint kSix2[] = {{40, 3, G},  {22, 34, S}, {8, 72, S},  {20, 97, S},
                              {44, 92, S}, {50, 74, S}, {34, 64, S}, {12, 76, S}};
constexpr PenPoint kSix3[] = {{54, 8, G},  {24, 16, S}, {6, 50, S},  {8, 82, S}, {30, 98, S},
                              {54, 86, S}, {54, 62, S}, {30, 52, S}, {8, 64, S}};
constexpr PenPoint kSix4[] = {{34, 2, G},  {18, 30, S}, {8, 64, S},  {14, 92, S}, {32, 98, S},
                              {44, 84, S}, {38, 68, S}, {22, 70, S}, {12, 84, S}};
constexpr PenPoint kSix5[] = {{30, 3, G},  {12, 40, S}, {6, 76, S},  {24, 98, S}, {50, 90, S},
                              {56, 70, S}, {38, 58, S}, {16, 68, S}, {10, 80, S}};
constexpr PenPoint kSix6[] = {{28, 3, G},  {10, 34, S}, {6, 70, S},  {16, 94, S}, {40, 96, S},
                              {62, 82, S}, {64, 64, S}, {46, 54, S}, {26, 66, S}, {16, 84, S}};
constexpr PenPoint kSix7[] = {{18, 4, G},  {6, 40, S},  {8, 78, S},  {30, 97, S}, {60, 88, S},
                              {68, 62, S}, {50, 46, S}, {28, 58, S}, {16, 84, S}};
constexpr PenPoint kSix8[] = {{40, 3, G},  {16, 26, S}, {4, 58, S},  {12, 88, S}, {38, 98, S},
                              {62, 80, S}, {62, 50, S}, {42, 38, S}, {18, 48, S}, {8, 66, S}};
constexpr DigitStyle kSix[] = {{3, kSix1}, {2, kSix2}, {2, kSix3}, {2, kSix4},
                               {1, kSix5}, {2, kSix6}, {2, kSix7}, {2, kSix8}};

constexpr PenPoint kSeven1[] = {{4, 8, G}, {30, 8, S}, {58, 6, C}, {42, 46, S}, {28, 98, S}};
constexpr PenPoint kSeven2[] = {{6, 24, G}, {8, 8, C}, {32, 8, S}, {58, 6, C}, {38, 46, S}, {24, 98, S}};
constexpr PenPoint kSeven3[] = {{4, 16, G}, {18, 6, S}, {36, 10, S}, {58, 6, C}, {40, 44, S}, {32, 98, S}};
constexpr PenPoint kSeven4[] = {{4, 8, G},   {30, 8, S},  {58, 6, C},  {40, 50, S},
                                {28, 98, S}, {18, 52, G}, {38, 50, S}, {58, 48, S}};
constexpr PenPoint kSeven5[] = {{4, 10, G}, {30, 6, S}, {50, 8, S}, {56, 18, S}, {44, 48, S}, {32, 98, S}};
constexpr PenPoint kSeven6[] = {{4, 14, G},  {16, 8, S},  {34, 14, S}, {60, 8, C},
                                {34, 50, S}, {16, 96, S}, {16, 56, G}, {52, 50, S}};
constexpr PenPoint kSeven7[] = {{6, 38, G}, {10, 10, C}, {34, 10, S}, {58, 8, C}, {52, 50, S}, {46, 98, S}};
constexpr PenPoint kSeven8[] = {{6, 28, G},  {12, 10, C}, {30, 16, S}, {48, 6, S},
                                {56, 14, S}, {44, 50, S}, {34, 98, S}};
constexpr DigitStyle kSeven[] = {{3, kSeven1}, {2, kSeven2}, {2, kSeven3}, {2, kSeven4},
                                 {1, kSeven5}, {1, kSeven6}, {2, kSeven7}, {1, kSeven8}};

constexpr PenPoint kEight1[] = {{50, 14, G}, {30, 3, S},  {12, 16, S}, {22, 38, S}, {44, 58, S}, {52, 80, S},
                                {32, 98, S}, {10, 84, S}, {16, 62, S}, {40, 40, S}, {52, 18, S}, {46, 8, S}};
constexpr PenPoint kEight2[] = {{30, 48, G}, {10, 30, S}, {16, 8, S},  {34, 2, S}, {50, 14, S},
                                {48, 34, S}, {30, 48, S}, {10, 66, S}, {8, 88, S}, {30, 98, S},
                                {52, 88, S}, {52, 66, S}, {30, 48, S}};
constexpr PenPoint kEight3[] = {{56, 6, G},  {32, 2, S},  {14, 20, S}, {30, 44, S}, {48, 68, S},
                                {38, 96, S}, {14, 92, S}, {12, 70, S}, {36, 44, S}, {58, 16, S}};
constexpr PenPoint kEight4[] = {{24, 4, G}, {10, 20, S}, {28, 42, S}, {50, 66, S}, {44, 92, S}, {22, 98, S},
                                {8, 80, S}, {24, 56, S}, {48, 34, S}, {50, 12, S}, {30, 3, S}};
constexpr PenPoint kEight5[] = {{46, 20, G}, {32, 4, S},  {16, 14, S}, {18, 34, S}, {36, 48, S}, {44, 74, S},
                                {30, 98, S}, {14, 84, S}, {20, 60, S}, {42, 38, S}, {54, 8, S}};
constexpr PenPoint kEight6[] = {{60, 10, G}, {40, 4, S},  {20, 16, S}, {26, 36, S}, {40, 50, S}, {46, 74, S},
                                {32, 96, S}, {16, 90, S}, {18, 70, S}, {36, 50, S}, {56, 24, S}, {62, 8, S}};
constexpr PenPoint kEight7[] = {{56, 16, G}, {34, 3, S},  {14, 14, S}, {24, 38, S}, {46, 60, S}, {48, 86, S},
                                {26, 98, S}, {10, 86, S}, {20, 62, S}, {44, 38, S}, {58, 10, S}};
constexpr PenPoint kEight8[] = {{54, 20, G}, {32, 2, S},  {8, 16, S},  {14, 40, S}, {34, 54, S},
                                {46, 74, S}, {34, 97, S}, {16, 88, S}, {18, 70, S}, {36, 52, S},
                                {56, 40, S}, {58, 22, S}, {44, 6, S}};
constexpr PenPoint kEight9[] = {{42, 12, G}, {30, 3, S}, {20, 16, S}, {28, 36, S}, {48, 56, S}, {60, 80, S},
                                {36, 98, S}, {8, 86, S}, {10, 62, S}, {30, 42, S}, {42, 24, S}, {40, 10, S}};
constexpr PenPoint kEight10[] = {{20, 10, G}, {8, 24, S},  {22, 44, S}, {42, 60, S}, {48, 84, S}, {30, 98, S},
                                 {12, 84, S}, {22, 60, S}, {44, 40, S}, {52, 20, S}, {36, 4, S},  {16, 14, S}};
constexpr PenPoint kEight11[] = {{58, 8, G},  {38, 2, S},  {22, 14, S}, {26, 32, S}, {40, 48, S}, {48, 70, S},
                                 {38, 94, S}, {20, 94, S}, {16, 72, S}, {34, 52, S}, {52, 34, S}, {64, 12, S}};
constexpr PenPoint kEight12[] = {{30, 4, G},  {12, 18, S}, {20, 38, S}, {42, 56, S}, {50, 78, S}, {34, 97, S},
                                 {14, 86, S}, {16, 66, S}, {36, 48, S}, {52, 26, S}, {48, 8, S},  {30, 4, S}};
constexpr PenPoint kEight13[] = {{46, 24, G}, {36, 8, S},  {16, 10, S}, {14, 26, S}, {32, 42, S},
                                 {46, 60, S}, {44, 84, S}, {24, 98, S}, {10, 86, S}, {18, 64, S},
                                 {40, 44, S}, {54, 24, S}, {52, 8, S},  {38, 4, S}};
constexpr PenPoint kEight14[] = {{62, 2, G},  {36, 8, S},  {20, 20, S}, {30, 38, S}, {46, 54, S},
                                 {48, 78, S}, {32, 96, S}, {14, 92, S}, {14, 76, S}, {28, 58, S},
                                 {50, 36, S}, {60, 20, S}, {56, 8, S},  {40, 8, S}};
constexpr PenPoint kEight15[] = {{34, 46, G}, {18, 36, S}, {14, 16, S}, {30, 2, S},  {46, 14, S},
                                 {44, 34, S}, {30, 50, S}, {14, 66, S}, {12, 88, S}, {30, 98, S},
                                 {46, 88, S}, {46, 68, S}, {34, 46, S}};
constexpr PenPoint kEight16[] = {{54, 20, G}, {38, 6, S},  {16, 10, S}, {12, 26, S}, {32, 42, S},
                                 {54, 56, S}, {58, 80, S}, {36, 98, S}, {10, 92, S}, {6, 74, S},
                                 {26, 54, S}, {44, 36, S}, {58, 10, S}};
constexpr DigitStyle kEight[] = {{3, kEight1},  {2, kEight2},  {2, kEight3},  {1, kEight4},
                                 {1, kEight5},  {1, kEight6},  {2, kEight7},  {1, kEight8},
                                 {1, kEight9},  {1, kEight10}, {2, kEight11}, {1, kEight12},
                                 {1, kEight13}, {1, kEight14}, {1, kEight15}, {1, kEight16}};

constexpr PenPoint kNine1[] = {{50, 16, G}, {30, 4, S},  {8, 20, S},  {10, 44, S}, {30, 50, S},
                               {48, 34, S}, {51, 14, C}, {50, 50, S}, {46, 98, S}};
constexpr PenPoint kNine2[] = {{50, 18, G}, {28, 3, S},  {8, 24, S},  {20, 48, S}, {42, 40, S},
                               {52, 14, S}, {54, 50, S}, {42, 86, S}, {22, 98, S}, {8, 90, S}};
constexpr PenPoint kNine3[] = {{48, 12, G}, {28, 6, S},  {10, 26, S}, {16, 44, S},
                               {36, 40, S}, {52, 12, C}, {42, 54, S}, {30, 98, S}};
constexpr PenPoint kNine4[] = {{46, 10, G}, {28, 3, S},  {12, 18, S}, {16, 38, S}, {34, 40, S},
                               {46, 22, S}, {48, 10, S}, {46, 50, S}, {40, 98, S}};
constexpr PenPoint kNine5[] = {{40, 6, G},  {18, 8, S},  {6, 28, S},  {20, 44, S},
                               {44, 34, S}, {54, 10, C}, {52, 60, S}, {52, 98, S}};
constexpr PenPoint kNine6[] = {{52, 18, G}, {30, 8, S},  {8, 26, S},  {14, 50, S}, {38, 46, S},
                               {50, 28, C}, {54, 60, S}, {40, 92, S}, {14, 98, S}};
constexpr PenPoint kNine7[] = {{46, 22, G}, {26, 4, S}, {6, 22, S},  {14, 44, S}, {36, 42, S},
                               {46, 20, S}, {52, 4, C}, {46, 50, S}, {42, 98, S}};
constexpr PenPoint kNine8[] = {{50, 26, G}, {42, 6, S},  {20, 8, S},  {8, 28, S}, {20, 46, S},
                               {42, 36, S}, {52, 16, C}, {44, 58, S}, {34, 98, S}};
constexpr PenPoint kNine9[] = {{48, 20, G}, {38, 4, S},  {16, 6, S},  {6, 22, S},  {14, 40, S},
                               {32, 42, S}, {46, 28, S}, {49, 12, C}, {46, 50, S}, {42, 98, S}};
constexpr PenPoint kNine10[] = {{44, 14, G}, {28, 4, S},  {10, 14, S}, {6, 34, S},  {18, 46, S},
                                {36, 40, S}, {46, 22, S}, {48, 8, C},  {42, 52, S}, {34, 98, S}};
constexpr PenPoint kNine11[] = {{54, 22, G}, {40, 4, S},  {14, 8, S},  {2, 28, S}, {14, 46, S},
                                {38, 44, S}, {54, 24, C}, {54, 60, S}, {54, 98, S}};
constexpr PenPoint kNine12[] = {{46, 14, G}, {28, 2, S},  {10, 16, S}, {10, 38, S}, {26, 46, S},
                                {42, 34, S}, {50, 20, C}, {48, 60, S}, {46, 98, S}};
constexpr PenPoint kNine13[] = {{44, 6, G},  {22, 6, S},  {8, 22, S},  {14, 40, S}, {34, 42, S},
                                {50, 28, S}, {56, 10, C}, {44, 56, S}, {30, 98, S}};
constexpr PenPoint kNine14[] = {{38, 10, G}, {20, 12, S}, {8, 28, S},  {18, 44, S}, {38, 38, S},
                                {48, 24, S}, {50, 12, S}, {46, 50, S}, {38, 76, S}, {28, 98, S}};
constexpr DigitStyle kNine[] = {{3, kNine1},  {2, kNine2},  {2, kNine3},  {2, kNine4}, {1, kNine5},
                                {1, kNine6},  {1, kNine7},  {1, kNine8},  {2, kNine9}, {1, kNine10},
                                {1, kNine11}, {1, kNine12}, {1, kNine13}, {1, kNine14}};

}  // namespace

std::span<const DigitStyle> digit_styles(int digit) {
  assert(digit >= 0 && digit <= 9);
  constexpr std::array<std::span<const DigitStyle>, 10> kStyles = {kZero, kOne, kTwo,   kThree, kFour,
                                                                   kFive, kSix, kSeven, kEight, kNine};
  return kStyles[static_cast<std::size_t>(digit)];
}

}  // namespace convlens::training
