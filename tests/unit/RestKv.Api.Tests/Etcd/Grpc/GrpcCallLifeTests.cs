using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Grpc;
using RestKv.Testing;

namespace RestKv.Api.Tests.Etcd.Grpc;

/// <summary>Why a call ends early, and that its token is used again only when nothing of it is left.</summary>
public sealed class GrpcCallLifeTests : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualClock _clock = new();

    public void Dispose()
    {
        _gone.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public void The_client_goes()
    {
        using var life = Begin(null);
        _gone.Cancel();

        Assert.True(life.Ended.IsCancellationRequested);
        Assert.True(life.IsClientGone);
        Assert.Equal(GrpcCode.Canceled, life.Reason.Code);
    }

    [Fact]
    public void The_member_stops()
    {
        using var life = Begin(TimeSpan.FromSeconds(1));
        _stop.Cancel();

        Assert.True(life.Ended.IsCancellationRequested);
        Assert.Equal(GrpcCode.Unavailable, life.Reason.Code);
    }

    [Fact]
    public void The_time_is_over()
    {
        using var life = Begin(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(life.Ended.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.True(life.Ended.IsCancellationRequested);
        Assert.Equal(GrpcCode.DeadlineExceeded, life.Reason.Code);
    }

    [Fact]
    public void A_call_that_was_over_before_it_began_ends_at_once()
    {
        _gone.Cancel();
        using var life = Begin(null);

        Assert.True(life.Ended.IsCancellationRequested);
    }

    [Fact]
    public void A_token_that_is_used_again_has_nothing_of_its_last_call()
    {
        var called = 0;
        var first = Begin(null);
        first.Ended.UnsafeRegister(_ => called++, null);
        first.Dispose();

        using var second = Begin(null);
        _gone.Cancel();

        Assert.Equal(0, called);
        Assert.True(second.Ended.IsCancellationRequested);
    }

    [Fact]
    public void A_token_that_was_cancelled_is_not_used_again()
    {
        using (var source = new CancellationTokenSource())
        {
            var first = new GrpcCallLife(null, TimeProvider.System, _stop.Token, source.Token);
            source.Cancel();
            first.Dispose();
        }

        for (var i = 0; i < 2000; i++)
        {
            using var next = Begin(null);
            Assert.False(next.Ended.IsCancellationRequested);
        }
    }

    private GrpcCallLife Begin(TimeSpan? timeout) => new(timeout, _clock, _stop.Token, _gone.Token);
}
