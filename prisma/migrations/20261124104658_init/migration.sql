-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Learner" (
    "id" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Learner_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Attempt" (
    "id" UUID NOT NULL,
    "clientId" UUID NOT NULL,
    "learnerId" UUID NOT NULL,
    "exercise" TEXT NOT NULL,
    "seed" INTEGER NOT NULL,
    "transcript" TEXT NOT NULL,
    "lines" INTEGER NOT NULL,
    "engineVersion" TEXT NOT NULL,
    "contentVersion" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "verdict" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Attempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LessonProgress" (
    "learnerId" UUID NOT NULL,
    "lesson" TEXT NOT NULL,
    "percent" INTEGER NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "completedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LessonProgress_pkey" PRIMARY KEY ("learnerId","lesson")
);

-- CreateTable
CREATE TABLE "PracticeResult" (
    "id" UUID NOT NULL,
    "clientId" UUID NOT NULL,
    "learnerId" UUID NOT NULL,
    "topic" TEXT,
    "level" INTEGER,
    "timeLimit" INTEGER,
    "seconds" INTEGER NOT NULL,
    "asked" INTEGER NOT NULL,
    "correct" INTEGER NOT NULL,
    "answers" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PracticeResult_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Attempt_clientId_key" ON "Attempt"("clientId");

-- CreateIndex
CREATE INDEX "Attempt_learnerId_exercise_createdAt_idx" ON "Attempt"("learnerId", "exercise", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "PracticeResult_clientId_key" ON "PracticeResult"("clientId");

-- CreateIndex
CREATE INDEX "PracticeResult_learnerId_createdAt_idx" ON "PracticeResult"("learnerId", "createdAt");

-- AddForeignKey
ALTER TABLE "Attempt" ADD CONSTRAINT "Attempt_learnerId_fkey" FOREIGN KEY ("learnerId") REFERENCES "Learner"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LessonProgress" ADD CONSTRAINT "LessonProgress_learnerId_fkey" FOREIGN KEY ("learnerId") REFERENCES "Learner"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PracticeResult" ADD CONSTRAINT "PracticeResult_learnerId_fkey" FOREIGN KEY ("learnerId") REFERENCES "Learner"("id") ON DELETE CASCADE ON UPDATE CASCADE;
