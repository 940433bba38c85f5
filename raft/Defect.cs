namespace RestKv.Raft;

/// <summary>
/// Known wrong behaviours, planted to prove that the simulator finds them (tests/DESIGN.md, "Defects"). Each is one
/// condition in the code it would break; none exists in a release build.
/// </summary>
internal enum Defect
{
    None = 0,

    // Consensus.
    CommitBeforeOwnFlush,
    CommitOldTermByCounting,
    ForgetVote,
    ReadWithoutRound,
    AckBeforeFlush,
    VoteBeforeFlush,

    // Membership.
    CountLearners,
    TwoMembershipsAtOnce,
    ApplyMembershipAtCommit,
    PromoteWithoutCatchingUp,
    SnapshotOfLaterMembership,
    InstallKeepsMembership,
    ForgetRemovedMembers,
    TurnAwayTooSoon,
    RemoveAnyVoter,

    // Requests handed to the leader.
    SendForwardAgain,
    TakeForwardTwice,

    // Log and snapshots.
    SkipLogSync,
    SkipDirectorySync,
    SkipSnapshotSync,
    TrimLogTooFar,
    ForgetLeasesInSnapshot,
    ForgetOutcomesInSnapshot,
    InstallKeepsLeases,

    // The store.
    CompactNeededVersion,
    CountDeleteAsVersion,
    PageForgetsMore,
    CompareValueOfMissingKey,
    ReadNewestInsteadOfPast,
    RangeTakesItsEnd,

    // Outcomes, leases, clocks.
    ApplyRetryTwice,
    ExpireEarly,
    ExpireDespiteRenewal,
    RenewNothing,
    RevokeLeavesLastKey,
    KeepLeaseOnOverwrite,
    LetWallTimeGoBack,
    HoldTimeAfterElection,

    // Rights.
    LookAwayFromElse,
    KeepRightsOfChangedRole,

    // Watches.
    BookmarkTooFar,
    SplitRevision,
    LoseEventOnDemotion,
    LoseEventOnJoin,
    SkipWatchReset,
}
